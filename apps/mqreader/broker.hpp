#pragma once
// All topics of this reader: what the handlers call.
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/owner.hpp"
#include "base/signal.hpp"
#include "base/spawn.hpp"
#include "base/time.hpp"
#include "base/uuid.hpp"
#include "models/queue.hpp"
#include "mqreader/topic.hpp"

namespace prompted::mqreader {

struct LeaseResponse {
  LeaseResponse(const base::Uuid& id, std::string text, std::shared_ptr<void> counted, std::size_t number)
      : lease_id(id), json(std::move(text)), memory(std::move(counted)), messages(number) {}

  base::Uuid lease_id;
  std::string json;
  std::shared_ptr<void> memory;  ///< LeaseMemory::hold: keep it as long as the text
  std::size_t messages = 0;
};

/// Owner: the daemon's thread.
///
/// A topic is loaded by its first lease. It is idle when no message is leased, delayed or waiting for a write, and no
/// request is using it. An idle topic can be evicted, because its messages are also in the table. That happens at once
/// when another topic needs its place, and otherwise after a while, unless messages wait for a redelivery. A late ack
/// of an expired lease then gets 0, and its messages are redelivered.
class Broker {
 public:
  static constexpr std::size_t most_topics = 64;

  Broker(boost::asio::io_context& owner, Stores stores, OwnershipLease& ownership_lease, TopicOptions options,
         std::size_t connections);

  void start();
  /// Which partitions this reader serves.
  void set_partitions(std::vector<int> owned);
  const std::vector<int>& partitions() const { return owned_; }
  const base::Uuid& reader_id() const { return ownership_lease_.reader(); }
  int partition_count() const { return options_.partition_count; }

  /// Throws base::Error(overloaded) when no topic can make room for this one. `client_gone` is called after a wait: a
  /// disconnected client gets nothing.
  boost::asio::awaitable<LeaseResponse> lease(models::LeaseRequest request, std::function<bool()> client_gone);
  /// Makes a grant's messages ready again at once, because the response could not be sent.
  void take_back_grant(const std::string& topic, const base::Uuid& lease_id);
  boost::asio::awaitable<std::size_t> ack(models::AckRequest request, base::TimePoint deadline);
  boost::asio::awaitable<Topic::NackResult> nack(models::NackRequest request, base::TimePoint deadline);
  /// Returns the lease's new end. Throws base::Error(conflict) if the lease no longer exists.
  base::Instant extend(const models::ExtendRequest& request);

  /// Whether a lease of this id was granted here and is remembered.
  bool knows_lease(const base::Uuid& lease_id) const;

  /// Polls early, on a writer's hint.
  void wake();
  /// Ends long polls with the messages at hand, and stops polling.
  void stop_intake();
  boost::asio::awaitable<void> finish(base::TimePoint deadline);

  using Topics = std::map<std::string, std::shared_ptr<Topic>>;
  const Topics& topics() const { return topics_; }
  std::uint64_t evicted() const { return evicted_; }
  const AckCommitter& ack_committer() const { return ack_committer_; }
  const MemoryBudget& memory() const { return *memory_; }
  const LeaseMemory& lease_memory() const { return lease_memory_; }

 private:
  /// Returns the topic, loading it if necessary.
  std::shared_ptr<Topic> topic(const std::string& name);
  /// Returns nullptr if the topic is not loaded: an ack, nack or extend of a topic without leases loads nothing.
  std::shared_ptr<Topic> find(const std::string& name);
  /// Whether it may be evicted: no request is using it, and no message is leased, delayed or waiting for a write.
  static bool idle(const std::shared_ptr<Topic>& topic);
  void make_room();
  void evict(Topics::iterator topic);
  boost::asio::awaitable<void> evict_loop();
  boost::asio::awaitable<void> retire(std::shared_ptr<Topic> topic);
  base::Uuid new_lease_id() const;

  [[no_unique_address]] base::OwnerThread owner_thread_;
  boost::asio::io_context& owner_;
  Stores stores_;
  OwnershipLease& ownership_lease_;
  TopicOptions options_;
  Incarnation incarnation_;  ///< before the ack_committer, which refers to it
  AckCommitter ack_committer_;
  std::vector<int> owned_;
  std::shared_ptr<MemoryBudget> memory_;
  PollSlots slots_;
  LeaseMemory lease_memory_;
  Topics topics_;
  base::TaskGroup loops_;
  base::TaskGroup retiring_;  ///< topics whose last poll has not returned
  base::Signal ending_;
  std::uint64_t evicted_ = 0;
  bool stopping_ = false;
};

}  // namespace prompted::mqreader
