#pragma once
// The stop request that the streamer's coroutines check between steps.
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include "base/clock.hpp"
#include "base/owner.hpp"
#include "base/signal.hpp"

namespace prompted::streamer {

/// Owner: the thread of `owner`.
class Stop {
 public:
  explicit Stop(boost::asio::io_context& owner) : signal_(owner) {}

  bool asked() const { return asked_; }
  void ask() {
    owner_thread_.check();
    asked_ = true;
    signal_.notify();
  }
  /// Waits until `when`. Returns false as soon as a stop is requested.
  boost::asio::awaitable<bool> pause_until(base::TimePoint when) {
    owner_thread_.check();
    while (!asked_ && base::Clock::now() < when) co_await signal_.wait_until(when);
    co_return !asked_;
  }

 private:
  base::Signal signal_;
  bool asked_ = false;
  [[no_unique_address]] base::OwnerThread owner_thread_;
};

}  // namespace prompted::streamer
