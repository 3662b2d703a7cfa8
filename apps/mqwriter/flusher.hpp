#pragma once
// Writes publishes from the handlers through the buffer to PostgreSQL and returns each one's outcome.
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <map>
#include <memory>

#include "base/group_commit.hpp"
#include "base/outage.hpp"
#include "base/owner.hpp"
#include "base/pending.hpp"
#include "base/signal.hpp"
#include "mqwriter/drain_rate.hpp"
#include "mqwriter/store.hpp"
#include "mqwriter/write_buffer.hpp"
#include "service/metrics.hpp"

namespace prompted::mqwriter {

struct FlushCounts {
  std::uint64_t messages_committed = 0;
  std::uint64_t duplicates = 0;
  std::uint64_t publishes_refused_full = 0;
  std::uint64_t publishes_expired = 0;
  std::uint64_t publishes_bad = 0;
  std::uint64_t flushes = 0;
  std::uint64_t flush_failures = 0;
  std::uint64_t hints = 0;
  service::Histogram flush_seconds;  ///< one statement with its commit
  service::Histogram wait_seconds;   ///< from arrival to the start of its flush
};

/// Owner: the daemon's thread.
class Flusher {
 public:
  Flusher(boost::asio::io_context& owner, Store& store, BufferLimits limits, std::size_t connections);

  /// Returns after COMMIT with the number of duplicates. Throws base::Error: invalid (a payload that Postgres refuses,
  /// by its index), overloaded (no room within a second), expired or unavailable (not committed by the publish's
  /// deadline: the outcome is unknown).
  boost::asio::awaitable<std::size_t> publish(PublishPtr publish);

  /// Waits until every accepted publish has its outcome.
  boost::asio::awaitable<void> drain(base::TimePoint deadline);

  const WriteBuffer& buffer() const { return buffer_; }
  const FlushCounts& counts() const { return counts_; }
  double drain_rate() const { return rate_.per_second(); }

 private:
  using PendingCommit = base::Pending<std::size_t>;  ///< the number of duplicates

  boost::asio::awaitable<void> wait_for_room(const Publish& publish);
  boost::asio::awaitable<bool> flush(WriteBuffer::Batch& batch, bool retry);
  boost::asio::awaitable<bool> try_insert(Publishes batch);
  boost::asio::awaitable<void> flush_one_by_one(Publishes batch);
  boost::asio::awaitable<void> refuse_bad(PublishPtr publish);
  void committed(const Publishes& batch, const std::vector<std::size_t>& duplicates);
  void settle(const PublishPtr& publish, std::size_t duplicates, std::exception_ptr error);
  void drop_expired(Publishes& batch);
  void hint();
  boost::asio::awaitable<void> send_hints();

  boost::asio::io_context& owner_;
  Store& store_;
  WriteBuffer buffer_;
  DrainRate rate_;
  FlushCounts counts_;
  base::Signal room_;
  base::GroupCommit<WriteBuffer> commits_;
  base::TaskGroup hints_;
  base::Outage outage_{"flush"};
  bool hint_running_ = false;
  bool hint_wanted_ = false;
  std::map<const Publish*, PendingCommit> pending_;
  [[no_unique_address]] base::OwnerThread owner_thread_;
};

}  // namespace prompted::mqwriter
