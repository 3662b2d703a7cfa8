#pragma once
// Acknowledged messages on their way out of the table: group-committed DELETEs. Once a consumer has acked, the delete is
// retried until it succeeds: the message is never handed out again by this reader.
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <vector>

#include "base/group_commit.hpp"
#include "base/outage.hpp"
#include "mqreader/ack_queue.hpp"
#include "mqreader/lease/lease_store.hpp"
#include "mqreader/ownership/ownership_lease.hpp"
#include "mqreader/poll/incarnation.hpp"
#include "service/metrics.hpp"

namespace prompted::mqreader {

struct SettlerCounts {
  std::uint64_t deletes = 0;
  std::uint64_t deleted_messages = 0;
  std::uint64_t failures = 0;
  service::Histogram commit_seconds;
};

/// Owner: the daemon's thread.
class Settler {
 public:
  Settler(boost::asio::io_context& owner, LeaseStore& store, OwnershipLease& ownership_lease, Incarnation& incarnation,
          std::size_t connections);

  /// Returns true after the DELETE's commit; false when the server is no longer the one that the messages were read from:
  /// nothing was deleted, and they are read again. Throws base::Error(expired) at the deadline; the delete still runs.
  boost::asio::awaitable<bool> remove(std::shared_ptr<Acknowledged> topic, std::vector<MessageKey> keys,
                                      ServerId server, base::TimePoint deadline);
  boost::asio::awaitable<void> drain(base::TimePoint deadline);

  std::size_t waiting() const { return queue_.waiting_messages(); }
  const SettlerCounts& counts() const { return counts_; }

 private:
  /// What became of one DELETE.
  enum class Result { deleted, other_server, failed };

  boost::asio::awaitable<bool> flush(const AckQueue::Batch& batch);
  boost::asio::awaitable<Result> try_delete(std::vector<MessageKey> keys, ServerId server);

  boost::asio::io_context& owner_;
  LeaseStore& store_;
  OwnershipLease& ownership_lease_;
  Incarnation& incarnation_;
  AckQueue queue_;
  base::GroupCommit<AckQueue> commits_;
  base::Outage outage_{"delete of acknowledged messages"};
  SettlerCounts counts_;
};

}  // namespace prompted::mqreader
