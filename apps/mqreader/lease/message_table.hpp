#pragma once
// One topic's messages in memory: what may be leased, who holds what until when, and what must be written before a
// redelivery. A plain class: time is an argument, and PostgreSQL is reached by others.
#include <boost/container/deque.hpp>
#include <cstdint>
#include <deque>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/clock.hpp"
#include "base/uuid.hpp"
#include "mqreader/lease/lease_memory.hpp"
#include "mqreader/lease/memory_budget.hpp"
#include "mqreader/message.hpp"
#include "mqreader/poll/poll_plan.hpp"

namespace prompted::mqreader {

struct TableLimits {
  std::int64_t messages = 50000;
  std::int64_t bytes = 128 * 1024 * 1024;
  int max_attempts = 5;  ///< a nack at it buries; an expiry only at ten times it
};

/// What a consumer got. Views live until the store changes.
struct Delivery {
  const base::Uuid* uuid;
  int attempts;
  int partition;
  std::string_view payload;
};
struct Grant {
  std::vector<Delivery> deliveries;
};

/// A message that has to be written somewhere before anything else happens to it.
struct Write {
  MessageKey key;
  int attempts = 0;
  std::shared_ptr<const std::string> reason;  ///< of a burial: held once for all messages of a nack
  bool in_history = false;                    ///< of a burial: the history has its id with another content
  std::size_t payload_bytes = 0;              ///< of a burial
};

struct TableCounts {
  std::uint64_t leases = 0;
  std::uint64_t deliveries = 0;
  std::uint64_t redeliveries = 0;
  std::uint64_t expired = 0;  ///< messages whose lease ran out
  std::uint64_t nacked = 0;
  std::uint64_t dead_lettered = 0;
  std::uint64_t acked = 0;
  std::uint64_t forgotten = 0;  ///< consumed elsewhere: the row was gone when we wrote
};

class MessageTable {
 public:
  MessageTable(TableLimits limits, int partition_count);

  // --- from the poll ---
  /// Takes a row in; false when it is here already, is not ours, or was removed since watch_removals(). `fresh` says that
  /// it came with a first page (Room::fresh), not with a further one of a backlog.
  bool add(Row row, bool fresh, base::TimePoint now);
  /// What it may hold from now on; room() goes by it.
  void set_limit(const Memory& limit);
  Room room() const;
  /// Only these partitions are served; unleased messages of others are dropped, leased ones can still be acked.
  void set_partitions(const std::vector<int>& owned);
  /// The server is another one: everything will be read again, and no lease, ack or burial of before counts.
  void clear();
  /// While a statement that reads old rows runs, what leaves the table is remembered, so that its answer cannot bring it
  /// back; what is merely dropped from memory is not, because it will be read again. The poll and the sweep may do so at the same time.
  void watch_removals(bool on);
  void watch_sweep(bool on);
  bool knows_lease(const base::Uuid& lease_id) const { return leases_.contains(lease_id); }
  bool knows(std::int64_t id) const { return messages_.contains(id) || removed_.contains(id); }

  // --- from consumers ---
  /// Up to `max` messages, one partition after the other, and of `max_bytes` of payload and one message more. Empty: nothing is
  /// ready, and no lease exists.
  Grant lease(const base::Uuid& lease_id, const std::string& consumer, std::size_t max, base::Duration duration,
              base::TimePoint now, std::size_t max_bytes = LeaseMemory::most_bytes_at_once);
  /// The messages of this lease (all, or those named) whose latest lease it is; they count as gone from now on and the caller
  /// must delete them. Empty for an unknown lease or another consumer.
  std::vector<MessageKey> ack(const base::Uuid& lease_id, const std::string& consumer,
                              const std::optional<std::vector<base::Uuid>>& only);
  /// What a repeated request has to wait for: messages of this lease whose row is on its way out, to nowhere or to
  /// dead_letters. Ask before ack() or nack().
  enum class Leaving { acked, dead_lettering };
  std::vector<std::int64_t> leaving(const base::Uuid& lease_id, const std::string& consumer,
                                    const std::optional<std::vector<base::Uuid>>& only, Leaving how);
  bool any_leaving(const std::vector<std::int64_t>& ids) const;
  struct Nacked {
    std::size_t requeued = 0;
    std::vector<Write> dead;
  };
  Nacked nack(const base::Uuid& lease_id, const std::string& consumer,
              const std::optional<std::vector<base::Uuid>>& only, bool dead, const std::string& reason,
              base::Duration delay, base::TimePoint now, bool in_history = false);
  /// The consumer never got to know of this lease: its messages are ready again, and this delivery does not count.
  void take_back_grant(const base::Uuid& lease_id);
  /// False when the lease is gone or has expired, or nothing of it is leased any more.
  bool extend(const base::Uuid& lease_id, const std::string& consumer, base::TimePoint until, base::TimePoint now);

  // --- time ---
  /// Takes back what expired, and makes delayed messages ready. Call at next_event().
  void advance(base::TimePoint now);
  base::TimePoint next_event() const;

  // --- what must be written ---
  /// Attempts to persist before a redelivery, up to `most`; each is answered by redeliver() or gone().
  std::vector<Write> take_attempts(std::size_t most);
  void redeliver(std::int64_t id, base::TimePoint now);
  /// Expired messages that must be buried.
  std::vector<Write> take_dead();
  /// The row is gone: deleted, buried, or consumed elsewhere (`forgotten`).
  void removed(const MessageKey& key);
  void forgotten(const MessageKey& key);
  /// A write failed for good: try again.
  void retry_attempts(const std::vector<Write>& writes);

  // --- looking in ---
  Memory held() const { return {static_cast<std::int64_t>(messages_.size()), bytes_}; }
  std::size_t size() const { return messages_.size(); }
  std::size_t bytes() const { return static_cast<std::size_t>(bytes_); }
  std::size_t ready() const { return ready_; }
  std::size_t leased() const { return leased_; }
  /// Every message may be leased: none is held by a consumer, delayed, or on its way to a write. What is dropped now is read
  /// again.
  bool quiet() const { return ready_ == messages_.size(); }
  /// A message was delivered before. Dropped and read again, it would count one delivery more, and a late ack of its expired
  /// lease would be lost.
  bool any_redelivery() const { return redeliveries_ > 0; }
  std::size_t open_leases() const { return leases_.size(); }
  bool needs_writes() const { return !to_persist_.empty() || !to_dead_letter_.empty(); }
  const TableCounts& counts() const { return counts_; }
  struct Depth {
    std::size_t messages = 0;
    std::size_t leased = 0;
    double oldest_created = 0;  ///< seconds since 1970; 0: none
  };
  /// By partition; walks all messages.
  std::map<int, Depth> depths() const;
  std::map<int, std::uint64_t> lowest_xids() const;

 private:
  enum class State {
    ready,  ///< may be leased
    leased,
    persisting,  ///< its next attempt number is being written
    delayed,     ///< nacked with a delay
    acked,       ///< only removed() follows
    dead_lettering,       ///< on its way to dead_letters: only removed() follows
  };
  struct Message {
    Row row;
    State state = State::ready;
    std::uint64_t lease = 0;  ///< serial of its latest lease; 0: none
    int next_attempt = 1;
    bool fresh = true;
    base::TimePoint not_before{};
  };
  struct Lease {
    std::uint64_t serial = 0;
    base::Uuid consumer;  ///< digest_of() its id, which may be long
    base::TimePoint until{};
    base::TimePoint look_at{};  ///< its entry in expiries_: not after `until`
    bool expired = false;
    std::vector<std::int64_t> ids;  ///< may hold ids that have left it
    std::size_t granted = 0;        ///< messages
    std::size_t open = 0;           ///< messages in memory whose latest lease this is
  };
  struct Queue {
    /// May hold ids that are not ready any more: skipped when met. std::deque takes 600 bytes when it is empty.
    boost::container::deque<std::int64_t> ids;
    bool listed = false;  ///< in turn_
    bool owned = false;
  };

  static std::int64_t cost(const Message& message);
  static base::Uuid digest_of(const std::string& consumer);
  Message* find(std::int64_t id);
  Lease* find_lease(const base::Uuid& id, const std::string& consumer);
  /// The messages whose latest lease it is, in these states.
  std::vector<Message*> members(Lease& lease, const std::optional<std::vector<base::Uuid>>& only,
                                std::initializer_list<State> states);
  Message* pop_ready();
  void push_ready(Message& message, bool front);
  void set_state(Message& message, State state);
  void leave_lease(Message& message);
  void shrink(Lease& lease);
  void take_back(Message& message);
  void expire(Lease& lease);
  void erase(std::int64_t id);
  void remember_removal(std::int64_t id);

  TableLimits limits_;
  std::unordered_map<std::int64_t, Message> messages_;
  std::vector<Queue> queues_;  ///< by partition
  std::deque<int> turn_;       ///< partitions with something ready, in whose turn it is
  std::unordered_map<base::Uuid, Lease> leases_;
  std::unordered_map<std::uint64_t, base::Uuid> by_serial_;
  std::multimap<base::TimePoint, base::Uuid> expiries_;  ///< may be outdated: the lease's `look_at` tells
  std::multimap<base::TimePoint, std::int64_t> delayed_;
  std::deque<std::int64_t> to_persist_;
  std::deque<std::int64_t> to_dead_letter_;
  std::unordered_set<std::int64_t> removed_;
  bool poll_watches_ = false;
  bool sweep_watches_ = false;
  std::uint64_t serials_ = 0;
  std::int64_t bytes_ = 0;
  std::int64_t backlog_messages_ = 0;  ///< not fresh
  std::int64_t backlog_bytes_ = 0;
  std::size_t ready_ = 0;
  std::size_t leased_ = 0;
  std::size_t redeliveries_ = 0;  ///< messages whose next delivery is not their first
  TableCounts counts_;
};

}  // namespace prompted::mqreader
