#pragma once
// One topic's messages in memory: which may be leased, who holds which until when, and what must be written before a
// redelivery. A plain class that knows rows and time only: time is an argument, and others reach PostgreSQL
// (docs/queue.md).
#include <cstdint>
#include <deque>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.hpp"
#include "base/uuid.hpp"
#include "mqreader/lease/lease_memory.hpp"
#include "mqreader/lease/lease_table.hpp"
#include "mqreader/lease/memory_budget.hpp"
#include "mqreader/lease/ready_queues.hpp"
#include "mqreader/lease/writes.hpp"
#include "mqreader/message.hpp"

namespace prompted::mqreader {

struct TableLimits {
  std::int64_t messages = 50000;
  std::int64_t bytes = 128 * 1024 * 1024;
  int max_attempts = 5;  ///< a nack dead-letters at this attempt; an expiry, only beyond ten times as many
};

/// What a consumer got. Views are valid until the table changes.
struct Delivery {
  const base::Uuid* uuid;
  int attempts;
  int partition;
  std::string_view payload;
};
struct Grant {
  std::vector<Delivery> deliveries;
};

struct TableCounts {
  std::uint64_t leases = 0;
  std::uint64_t deliveries = 0;
  std::uint64_t redeliveries = 0;
  std::uint64_t expired = 0;  ///< messages whose lease ran out
  std::uint64_t nacked = 0;
  std::uint64_t dead_lettered = 0;
  std::uint64_t acked = 0;
  std::uint64_t forgotten = 0;  ///< consumed elsewhere: the row was gone at a write
};

class MessageTable {
 public:
  MessageTable(TableLimits limits, int partition_count);

  // --- from the poll ---
  /// Adds a row. Returns false if it is present already or its partition is not served. `fresh`: it came with a first
  /// page (Room::fresh), not with a later page of a backlog.
  bool add(Row row, bool fresh);
  /// Sets how much the table may hold from now on, as room() reports.
  void set_limit(const Memory& limit);
  Room room() const;
  /// Serves only these partitions. Unleased messages of others are dropped; leased ones can still be acked.
  void set_partitions(const std::vector<int>& owned);
  /// Drops everything, because the server has changed: all rows will be read again, and earlier leases, acks and dead
  /// letters no longer count.
  void clear();
  /// Number of clear() calls. Work begun before a clear() must not touch rows read after it.
  std::uint64_t clears() const { return clears_; }
  bool knows(std::int64_t id) const { return messages_.contains(id); }

  // --- from consumers ---
  /// Leases up to `max` messages, taking partitions in turn, up to `max_bytes` of payload and one message more. If the
  /// result is empty, nothing is ready and no lease exists.
  Grant lease(const base::Uuid& lease_id, const std::string& consumer, std::size_t max, base::Duration duration,
              base::TimePoint now, std::size_t max_bytes = LeaseMemory::most_bytes_at_once);
  bool knows_lease(const base::Uuid& lease_id) const { return leases_.contains(lease_id); }
  /// Returns the messages (all, or those named) whose latest lease this is. They count as gone from now on, and the
  /// caller must delete them. Empty for an unknown lease or another consumer.
  std::vector<MessageKey> ack(const base::Uuid& lease_id, const std::string& consumer,
                              const std::optional<std::vector<base::Uuid>>& only);
  /// What a retried request must wait for: messages of this lease whose rows are being deleted or moved to
  /// dead_letters. Call it before ack() or nack().
  enum class Leaving { acked, dead_lettering };
  std::vector<std::int64_t> leaving(const base::Uuid& lease_id, const std::string& consumer,
                                    const std::optional<std::vector<base::Uuid>>& only, Leaving how);
  bool any_leaving(const std::vector<std::int64_t>& ids) const;
  struct Nacked {
    std::size_t requeued = 0;
    std::vector<DeadMessage> dead;
  };
  Nacked nack(const base::Uuid& lease_id, const std::string& consumer,
              const std::optional<std::vector<base::Uuid>>& only, bool dead, const std::string& reason,
              base::Duration delay, base::TimePoint now, bool in_history = false);
  /// Takes back a lease that the consumer never received: its messages are ready again, and the delivery does not count
  /// as an attempt.
  void take_back_grant(const base::Uuid& lease_id);
  /// Returns false if the lease no longer exists, has expired, or has no leased messages left.
  bool extend(const base::Uuid& lease_id, const std::string& consumer, base::TimePoint until, base::TimePoint now);

  // --- time ---
  /// Takes back expired messages and makes delayed ones ready. Call at next_event().
  void advance(base::TimePoint now);
  base::TimePoint next_event() const;

  // --- what must be written ---
  /// Takes up to `most` attempts to persist before a redelivery. Follow each with redeliver(), forgotten() or
  /// retry_attempts().
  std::vector<AttemptWrite> take_attempts(std::size_t most);
  void redeliver(std::int64_t id, base::TimePoint now);
  /// Returns attempts whose write failed to take_attempts().
  void retry_attempts(const std::vector<AttemptWrite>& writes);
  /// Removes a message whose row was gone when its attempt was written: it was consumed elsewhere. Returns whether it
  /// was here.
  bool forgotten(const MessageKey& key);
  /// Expired messages to move to dead_letters.
  std::vector<DeadMessage> take_dead();
  /// Removes an acked or dead message whose row has left the queue. Returns whether it was here.
  bool removed(const MessageKey& key);

  // --- state ---
  Memory held() const { return {static_cast<std::int64_t>(messages_.size()), bytes_}; }
  std::size_t size() const { return messages_.size(); }
  std::size_t bytes() const { return static_cast<std::size_t>(bytes_); }
  std::size_t ready() const { return ready_; }
  std::size_t leased() const { return leased_; }
  /// Whether every message may be leased: none is leased, delayed or waiting for a write. If the table is cleared now,
  /// all are read again.
  bool quiet() const { return ready_ == messages_.size(); }
  /// Whether any message was delivered before. If such a message is dropped and read again, it counts one more
  /// delivery, and a late ack of its expired lease is lost.
  bool any_redelivery() const { return redeliveries_ > 0; }
  std::size_t open_leases() const { return leases_.size(); }
  bool needs_writes() const { return !to_persist_.empty() || !to_dead_letter_.empty(); }
  const TableCounts& counts() const { return counts_; }
  struct Depth {
    std::size_t messages = 0;
    std::size_t leased = 0;
    double oldest_created = 0;  ///< seconds since 1970; 0: none
  };
  /// Counts by partition. Walks all messages.
  std::map<int, Depth> depths() const;
  std::map<int, std::uint64_t> lowest_xids() const;

 private:
  enum class State {
    ready,  ///< may be leased
    leased,
    persisting,      ///< its next attempt number is being written
    delayed,         ///< nacked with a delay
    acked,           ///< only removed() follows
    dead_lettering,  ///< on its way to dead_letters: only removed() follows
  };
  struct Message {
    Row row;
    State state = State::ready;
    std::uint64_t lease = 0;  ///< serial of its latest lease; 0: none
    int next_attempt = 1;
    bool fresh = true;
    base::TimePoint not_before{};
  };
  static std::int64_t cost(const Message& message);
  Message* find(std::int64_t id);
  /// Returns the messages in these states whose latest lease this is.
  std::vector<Message*> members(const Lease& lease, const std::optional<std::vector<base::Uuid>>& only,
                                std::initializer_list<State> states);
  Message* pop_ready();
  void push_ready(const Message& message, bool front);
  void set_state(Message& message, State state);
  void leave_lease(Message& message);
  void shrink(Lease& lease);
  void take_back(Message& message);
  void expire(const Lease& lease);
  void erase(std::int64_t id);

  TableLimits limits_;
  std::unordered_map<std::int64_t, Message> messages_;
  ReadyQueues queues_;
  LeaseTable leases_;
  std::multimap<base::TimePoint, std::int64_t> delayed_;
  std::deque<std::int64_t> to_persist_;
  std::deque<std::int64_t> to_dead_letter_;
  std::uint64_t clears_ = 0;
  std::int64_t bytes_ = 0;
  std::int64_t backlog_messages_ = 0;  ///< not fresh
  std::int64_t backlog_bytes_ = 0;
  std::size_t ready_ = 0;
  std::size_t leased_ = 0;
  std::size_t redeliveries_ = 0;  ///< messages whose next delivery is not their first
  TableCounts counts_;
};

}  // namespace prompted::mqreader
