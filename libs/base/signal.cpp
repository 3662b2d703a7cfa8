#include "base/signal.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/intrusive/list.hpp>
#include <boost/system/system_error.hpp>

#include "base/owner.hpp"

namespace prompted::base {
namespace asio = boost::asio;
namespace {

using Unlinks = boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

/// Lives in the waiting coroutine's frame and unlinks itself on destruction.
struct Waiter : Unlinks {
  Waiter(asio::io_context& owner, TimePoint deadline) : timer(owner, deadline) {}
  asio::steady_timer timer;
  bool notified = false;
};

using Waiters = boost::intrusive::list<Waiter, boost::intrusive::constant_time_size<false>>;

[[noreturn]] void throw_aborted() {
  throw boost::system::system_error(asio::error::make_error_code(asio::error::operation_aborted));
}

}  // namespace

struct Signal::State {
  explicit State(asio::io_context& owner) : context(owner) {}
  asio::io_context& context;
  Waiters waiters;
  [[no_unique_address]] OwnerThread thread;
};

Signal::Signal(asio::io_context& owner) : state_(std::make_unique<State>(owner)) {}

// Remaining waiters get operation_aborted: what they waited for is gone, and they must not touch it again.
Signal::~Signal() {
  for (Waiter& waiter : state_->waiters) waiter.timer.cancel();
  state_->waiters.clear();
}

void Signal::notify() {
  state_->thread.check();
  // Unlink at once, so that a second notify() is not spent on waiters that the first one woke.
  while (!state_->waiters.empty()) {
    Waiter& waiter = state_->waiters.front();
    state_->waiters.pop_front();
    waiter.notified = true;
    waiter.timer.cancel();
  }
}

asio::awaitable<void> Signal::wait() { co_await wait_until(never); }

asio::awaitable<bool> Signal::wait_until(TimePoint deadline) {
  state_->thread.check();
  Waiter waiter(state_->context, deadline);
  state_->waiters.push_back(waiter);
  // `this` may be destroyed during this wait.
  const auto [error] = co_await waiter.timer.async_wait(asio::as_tuple(asio::use_awaitable));
  if (waiter.notified) co_return true;
  if (error) throw_aborted();
  co_return false;
}

asio::awaitable<void> sleep_until(TimePoint when) {
  asio::steady_timer timer(co_await asio::this_coro::executor, when);
  co_await timer.async_wait(asio::use_awaitable);
}

asio::awaitable<void> sleep_for(Duration duration) {
  asio::steady_timer timer(co_await asio::this_coro::executor, duration);
  co_await timer.async_wait(asio::use_awaitable);
}

}  // namespace prompted::base
