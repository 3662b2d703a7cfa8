#pragma once
// Looks for rows that the poll has missed. This is an alarm, not the mechanism: it must never find one (docs/queue.md).
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/outage.hpp"
#include "base/owner.hpp"
#include "base/signal.hpp"
#include "mqreader/poll/poller.hpp"

namespace prompted::mqreader {

struct SweepOptions {
  std::chrono::milliseconds interval{60000};
  std::int64_t most_rows = 50000;  ///< rows of a partition to compare
};

struct SweepCounts {
  std::uint64_t sweeps = 0;
  std::uint64_t missed_rows = 0;  ///< must stay 0
};

/// Owner: the daemon's thread.
class Sweeper {
 public:
  Sweeper(boost::asio::io_context& owner, std::string topic, SweepOptions options, PollStore& store,
          const Incarnation& incarnation, Poller& poller, RowSink& sink, base::Outage& outage);

  /// Sweeps until stop().
  boost::asio::awaitable<void> loop();
  void stop();

  const SweepCounts& counts() const { return counts_; }

 private:
  boost::asio::awaitable<void> sweep();
  boost::asio::awaitable<void> repair(std::vector<std::int64_t> missing, std::uint64_t epoch);
  std::vector<PollPlan::Seen> seen_from_floors();
  void raise_floors(const std::vector<PollPlan::Seen>& seen);

  [[no_unique_address]] base::OwnerThread owner_thread_;
  std::string topic_;
  SweepOptions options_;
  PollStore& store_;
  const Incarnation& incarnation_;
  Poller& poller_;
  RowSink& sink_;
  base::Outage& outage_;
  SweepCounts counts_;
  base::Signal ending_;
  std::map<int, std::uint64_t> floors_;  ///< by partition, where the next sweep begins
  std::uint64_t floors_epoch_ = 0;       ///< Poller::epoch() that they belong to
  bool stopping_ = false;
};

}  // namespace prompted::mqreader
