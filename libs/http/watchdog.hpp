#pragma once
// One deadline at a time over whatever an owner's coroutine is waiting for, because `operation || timer`
// is not safe (docs/toolchain.md).
#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>

#include "base/clock.hpp"

namespace prompted::http {

/// Owner: the thread that runs the io_context. `bite` runs when the armed deadline passes; it closes the socket, so
/// that the operation under watch ends. Moving the deadline further off costs a store: the timer is looked at only when
/// it fires.
class Watchdog {
 public:
  Watchdog(boost::asio::io_context& owner, std::function<void()> on_expiry);
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

  void arm(base::TimePoint deadline);
  void arm_in(base::Duration duration) { arm(base::Clock::now() + duration); }
  /// The sooner of `deadline` and the one that is armed.
  void hasten(base::TimePoint deadline);
  void rest() { arm(base::never); }

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace prompted::http
