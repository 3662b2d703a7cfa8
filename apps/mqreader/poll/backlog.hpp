#pragma once
// Counts the waiting rows of every topic for metrics. Memory holds only topics that are leased from.
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <vector>

#include "base/owner.hpp"
#include "base/signal.hpp"
#include "base/spawn.hpp"
#include "mqreader/poll/poll_store.hpp"

namespace prompted::mqreader {

/// Owner: the daemon's thread.
class Backlog {
 public:
  /// `partitions` returns those this reader owns now; `partition_count` is the queue's.
  Backlog(boost::asio::io_context& owner, PollStore& store, std::function<std::vector<int>()> partitions,
          int partition_count);

  void start();
  void stop();
  boost::asio::awaitable<void> stopped(base::TimePoint deadline) { co_await loop_.finished(deadline); }

  /// The last count.
  const BacklogView& view() const { return view_; }

 private:
  boost::asio::awaitable<void> loop();

  [[no_unique_address]] base::OwnerThread owner_thread_;
  PollStore& store_;
  std::function<std::vector<int>()> partitions_;
  int partition_count_;
  BacklogView view_;
  base::Signal ending_;
  base::TaskGroup loop_;
  bool stopping_ = false;
};

}  // namespace prompted::mqreader
