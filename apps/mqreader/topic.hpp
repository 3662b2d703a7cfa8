#pragma once
// One topic: composes the poll that fills its memory, the leases served from memory, and the resulting writes.
//
// The rooms, and what tests/unit/house/include_check.py lets each include:
// - poll/ reads the queue and hands rows to a RowSink. It includes no other room.
// - ownership/ decides which partitions this reader serves. It includes no other room.
// - lease/ holds messages in memory, with leases, acks and redeliveries. Of other rooms it includes
//   poll/incarnation.hpp and ownership/ownership_lease.hpp.
// - dead_letters/ moves messages to dead_letters, and lists, redrives and purges them. It includes the same two headers
//   and lease/writes.hpp.
// Only the files of apps/mqreader itself include all four.
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/outage.hpp"
#include "base/owner.hpp"
#include "base/signal.hpp"
#include "base/spawn.hpp"
#include "mqreader/dead_letters/dead_letter_mover.hpp"
#include "mqreader/lease/ack_committer.hpp"
#include "mqreader/lease/redelivery.hpp"
#include "mqreader/ownership/ownership_lease.hpp"
#include "mqreader/poll/poller.hpp"
#include "mqreader/poll/sweeper.hpp"

namespace prompted::mqreader {

/// The stores of the rooms that write or read messages.
struct Stores {
  PollStore& poll;
  LeaseStore& lease;
  DeadLetterStore& dead_letters;
};

struct TopicOptions {
  TableLimits limits;  ///< of all topics together
  int partition_count = 256;
  PollOptions poll;
  std::chrono::milliseconds sweep_interval{60000};
  std::size_t response_bytes = 20 * 1024 * 1024;  ///< of all lease responses not yet sent
  std::chrono::milliseconds idle_limit{300000};   ///< after which the broker evicts an unused topic
};

/// Owner: the daemon's thread. Incarnation, AckCommitter and PollSlots are shared by all topics. Held by the broker, by
/// each request that is inside, and by the ack committer until its acks are committed.
class Topic final : public AckListener,
                    private MemoryHolder,
                    private RowSink,
                    public std::enable_shared_from_this<Topic> {
 public:
  Topic(boost::asio::io_context& owner, std::string name, TopicOptions options, Stores stores,
        AckCommitter& ack_committer, Incarnation& incarnation, OwnershipLease& ownership_lease,
        std::shared_ptr<MemoryBudget> memory, PollSlots& slots);

  void start();
  /// Ends the loops. Waiting requests return with the messages at hand.
  void stop();
  boost::asio::awaitable<void> stopped(base::TimePoint deadline);
  /// Stops the topic and frees its memory. Call only when it is quiet().
  void retire();
  /// Whether the topic may be retired, provided that no request is using it.
  bool quiet() const { return messages_.quiet(); }

  void acks_completed(const std::vector<MessageKey>& keys, bool deleted) override;

  void set_partitions(const std::vector<int>& owned);
  /// Polls early, on a writer's hint that there are new rows.
  void wake() { poller_.wake(); }

  /// Waits for the first message until `wait_until`, then grants what is ready and fits `memory`, which must outlive
  /// the call.
  boost::asio::awaitable<Grant> lease(base::Uuid lease_id, std::string consumer, std::size_t max,
                                      base::Duration duration, base::TimePoint wait_until, const LeaseMemory& memory);
  boost::asio::awaitable<std::size_t> ack(base::Uuid lease_id, std::string consumer,
                                          std::optional<std::vector<base::Uuid>> only, base::TimePoint deadline);
  struct NackResult {
    std::size_t requeued = 0;
    std::size_t dead = 0;
  };
  /// Returns once the dead messages are in dead_letters. Throws base::Error(expired) at the deadline; the move
  /// continues.
  boost::asio::awaitable<NackResult> nack(base::Uuid lease_id, std::string consumer,
                                          std::optional<std::vector<base::Uuid>> only, bool dead, std::string reason,
                                          base::Duration delay, bool in_history, base::TimePoint deadline);
  /// Takes back a lease whose response was not sent.
  void take_back_grant(const base::Uuid& lease_id);
  /// Makes the lease end `duration` from now. Returns false if it no longer exists.
  bool extend(const base::Uuid& lease_id, const std::string& consumer, base::Duration duration);

  const std::string& name() const { return name_; }
  const MessageTable& messages() const { return messages_; }
  const Poller& poller() const { return poller_; }
  const Sweeper& sweeper() const { return sweeper_; }

  void touch() { last_used_ = base::Clock::now(); }
  base::TimePoint last_used() const { return last_used_; }

 private:
  Memory held() const override { return messages_.held(); }
  void room_freed() override { poller_.wake(); }

  Room room() override;
  std::size_t take_in(std::vector<Row> rows, bool fresh) override;
  void pass_ended(bool short_of_room) override;
  void forget_all() override;
  std::vector<std::int64_t> missing(const std::vector<MessageKey>& keys, std::size_t most) const override;
  std::map<int, std::uint64_t> lowest_xids() const override { return messages_.lowest_xids(); }

  void dead_letters_completed(const std::vector<DeadMessage>& messages, bool moved);
  void row_removed(const MessageKey& key);
  void tell_freed();
  boost::asio::awaitable<void> upkeep_loop();
  boost::asio::awaitable<void> persist_attempts();
  boost::asio::awaitable<void> until_left(std::vector<std::int64_t> ids, base::TimePoint deadline);
  boost::asio::awaitable<void> until_loaded();

  [[no_unique_address]] base::OwnerThread owner_thread_;
  std::string name_;
  AckCommitter& ack_committer_;
  OwnershipLease& ownership_lease_;
  base::Outage outage_{"database operation"};  ///< one log line for concurrent failures
  MessageTable messages_;
  MemoryShare share_;  ///< of messages_
  Poller poller_;
  Sweeper sweeper_;
  Redelivery redelivery_;
  DeadLetterMover dead_letters_;
  base::Signal ready_;   ///< a message can be leased
  base::Signal upkeep_;  ///< a write is due, or a deadline moved
  base::Signal freed_;   ///< messages have left memory
  base::TaskGroup loops_;
  bool owns_any_ = false;  ///< partitions
  bool loaded_ = false;    ///< the first pass is done
  bool stopping_ = false;
  base::TimePoint last_used_ = base::Clock::now();  ///< by a request
};

}  // namespace prompted::mqreader
