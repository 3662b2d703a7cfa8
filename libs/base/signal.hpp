#pragma once
// "Something changed, look again", for coroutines of one owner thread: a condition variable without the thread.
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <memory>

#include "base/clock.hpp"

namespace prompted::base {

/// Owner: the thread that runs the io_context. wait() returns after the next notify(); a caller tests its condition in
/// a loop around wait(), as with any condition variable. Waits end with an operation_aborted exception only when the
/// Signal or the io_context is destroyed or the coroutine is cancelled.
class Signal {
 public:
  explicit Signal(boost::asio::io_context& owner);
  ~Signal();
  Signal(const Signal&) = delete;
  Signal& operator=(const Signal&) = delete;

  /// Wakes all that wait now.
  void notify();
  boost::asio::awaitable<void> wait();
  /// Returns at the deadline too; false then. Name the result (`const bool notified = co_await …;`): g++ 12.2 can
  /// miscompile `if (!co_await …)` (it crashes, or never resumes; seen at -O0 to -O2, with and without Asio; not in
  /// every function).
  boost::asio::awaitable<bool> wait_until(TimePoint deadline);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Suspends the calling coroutine. Ends early, by an exception, only on cancellation.
boost::asio::awaitable<void> sleep_until(TimePoint when);
boost::asio::awaitable<void> sleep_for(Duration duration);

}  // namespace prompted::base
