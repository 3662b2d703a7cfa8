#pragma once
// One deadline over the operation that a coroutine is waiting for, because `operation || timer` is not safe
// (docs/toolchain.md).
#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>

#include "base/clock.hpp"

namespace prompted::http {

/// Owner: the thread that runs the io_context. `on_expiry` runs when the armed deadline passes. It closes the socket,
/// so that the watched operation ends. Postponing the deadline is one store: the timer is reset only when it fires.
class Watchdog {
 public:
  Watchdog(boost::asio::io_context& owner, std::function<void()> on_expiry);
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

  void arm(base::TimePoint deadline);
  void arm_in(base::Duration duration) { arm(base::Clock::now() + duration); }
  /// Arms the earlier of `deadline` and the current one.
  void hasten(base::TimePoint deadline);
  void rest() { arm(base::never); }

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace prompted::http
