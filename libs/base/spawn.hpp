#pragma once
// Starts detached coroutines.
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <functional>
#include <string>

#include "base/owner.hpp"
#include "base/signal.hpp"

namespace prompted::base {

/// Runs `work` on the owner's thread. An exception that escapes is a bug: it is logged with `name` and ends the
/// process, because a daemon that lost one of its loops must be restarted. Cancellation ends the coroutine silently.
void spawn(boost::asio::io_context& owner, std::string name, boost::asio::awaitable<void> work);

/// Counts its running coroutines, so that a drain can wait for them. Owner: one thread. It must outlive them.
class TaskGroup {
 public:
  explicit TaskGroup(boost::asio::io_context& owner) : owner_(owner), changed_(owner) {}
  /// Like base::spawn(), but counted.
  void spawn(std::string name, boost::asio::awaitable<void> work);
  std::size_t running() const { return running_; }
  /// Waits until none is running. False if the deadline comes first.
  boost::asio::awaitable<bool> finished(TimePoint deadline);

 private:
  boost::asio::awaitable<void> counted(boost::asio::awaitable<void> work);
  boost::asio::io_context& owner_;
  Signal changed_;
  std::size_t running_ = 0;
  [[no_unique_address]] OwnerThread owner_thread_;
};

}  // namespace prompted::base
