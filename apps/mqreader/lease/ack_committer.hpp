#pragma once
// Deletes acknowledged messages from the queue, many acks per commit (docs/queue.md). It retries a delete until it
// succeeds, so this reader never redelivers a message that was acked.
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <vector>

#include "base/group_commit.hpp"
#include "base/outage.hpp"
#include "base/owner.hpp"
#include "mqreader/lease/ack_queue.hpp"
#include "mqreader/lease/lease_store.hpp"
#include "mqreader/ownership/ownership_lease.hpp"
#include "mqreader/poll/incarnation.hpp"
#include "service/metrics.hpp"

namespace prompted::mqreader {

struct AckCounts {
  std::uint64_t deletes = 0;
  std::uint64_t deleted_messages = 0;
  std::uint64_t failures = 0;
  service::Histogram commit_seconds;
};

/// Owner: the daemon's thread.
class AckCommitter {
 public:
  AckCommitter(boost::asio::io_context& owner, LeaseStore& store, OwnershipLease& ownership_lease,
               Incarnation& incarnation, std::size_t connections);

  /// Returns true after the DELETE has committed. Returns false if the server is no longer the one the messages were
  /// read from: nothing was deleted, and they will be read again. Throws base::Error(expired) at the deadline; the
  /// delete still runs, and `topic` is notified in any case.
  boost::asio::awaitable<bool> commit(std::shared_ptr<AckListener> topic, std::vector<MessageKey> keys, ServerId server,
                                      base::TimePoint deadline);
  boost::asio::awaitable<void> drain(base::TimePoint deadline);

  std::size_t waiting() const { return queue_.waiting_messages(); }
  const AckCounts& counts() const { return counts_; }

 private:
  /// Outcome of one DELETE.
  enum class Result { deleted, other_server, failed };

  boost::asio::awaitable<bool> flush(const AckQueue::Batch& batch);
  boost::asio::awaitable<Result> try_delete(std::vector<MessageKey> keys, ServerId server);

  [[no_unique_address]] base::OwnerThread owner_thread_;
  boost::asio::io_context& owner_;
  LeaseStore& store_;
  OwnershipLease& ownership_lease_;
  Incarnation& incarnation_;
  AckQueue queue_;
  base::GroupCommit<AckQueue> commits_;
  base::Outage outage_{"delete of acknowledged messages"};
  AckCounts counts_;
};

}  // namespace prompted::mqreader
