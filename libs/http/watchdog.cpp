#include "http/watchdog.hpp"

#include <boost/asio/steady_timer.hpp>

#include "base/owner.hpp"

namespace prompted::http {

struct Watchdog::State : std::enable_shared_from_this<State> {
  State(boost::asio::io_context& owner, std::function<void()> action) : timer(owner), on_expiry(std::move(action)) {}

  void set_timer(base::TimePoint when) {
    fires_at = when;
    timer.expires_at(when);
    timer.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
      if (error) return;
      if (const auto self = weak.lock()) self->fired();
    });
  }
  void fired() {
    fires_at = base::never;
    if (deadline == base::never) return;
    if (base::Clock::now() < deadline) return set_timer(deadline);
    deadline = base::never;
    on_expiry();
  }

  boost::asio::steady_timer timer;
  std::function<void()> on_expiry;
  base::TimePoint deadline = base::never;
  base::TimePoint fires_at = base::never;
  [[no_unique_address]] base::OwnerThread thread;
};

Watchdog::Watchdog(boost::asio::io_context& owner, std::function<void()> on_expiry)
    : state_(std::make_shared<State>(owner, std::move(on_expiry))) {}

Watchdog::~Watchdog() = default;

void Watchdog::arm(base::TimePoint deadline) {
  state_->thread.check();
  state_->deadline = deadline;
  if (deadline < state_->fires_at) state_->set_timer(deadline);
}

void Watchdog::hasten(base::TimePoint deadline) {
  state_->thread.check();
  if (deadline < state_->deadline) arm(deadline);
}

}  // namespace prompted::http
