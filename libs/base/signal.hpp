#pragma once
// A condition variable for the coroutines of one owner thread.
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <memory>

#include "base/clock.hpp"

namespace prompted::base {

/// Owner: the thread that runs the io_context. wait() returns after the next notify(); callers test their condition in
/// a loop around it, as with any condition variable. A wait throws operation_aborted only if the Signal or the
/// io_context is destroyed or the coroutine is cancelled.
class Signal {
 public:
  explicit Signal(boost::asio::io_context& owner);
  ~Signal();
  Signal(const Signal&) = delete;
  Signal& operator=(const Signal&) = delete;

  /// Wakes all current waiters.
  void notify();
  boost::asio::awaitable<void> wait();
  /// Returns false at the deadline. Name the result (`const bool notified = co_await …;`): g++ 12.2 can miscompile `if
  /// (!co_await …)` (it crashes, or never resumes; seen at -O0 to -O2, with and without Asio; not in every function).
  boost::asio::awaitable<bool> wait_until(TimePoint deadline);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Suspends the calling coroutine. Throws early only on cancellation.
boost::asio::awaitable<void> sleep_until(TimePoint when);
boost::asio::awaitable<void> sleep_for(Duration duration);

}  // namespace prompted::base
