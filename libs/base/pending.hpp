#pragma once
// A result delivered by background work, with callers that wait for it at most until a deadline.
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <cassert>
#include <exception>
#include <memory>
#include <optional>
#include <utility>
#include <variant>

#include "base/signal.hpp"

namespace prompted::base {

/// A handle whose copies share one result. The work and the caller each keep one, so either may end first. Owner: one
/// thread. Keep a handle in a named variable while you await it (docs/toolchain.md).
template <class T = std::monostate>
class Pending {
 public:
  explicit Pending(boost::asio::io_context& owner) : state_(std::make_shared<State>(owner)) {}

  /// Sets the result and wakes all waiters. Call complete() or fail() exactly once.
  void complete(T value = T()) {
    assert(!done());
    state_->value.emplace(std::move(value));
    state_->changed.notify();
  }
  void fail(std::exception_ptr error) {
    assert(!done() && error);
    state_->error = std::move(error);
    state_->changed.notify();
  }
  bool done() const { return state_->value.has_value() || state_->error != nullptr; }

  /// True once the result is set; false if the deadline comes first, and the work continues without this caller. Throws
  /// operation_aborted like base::Signal.
  boost::asio::awaitable<bool> wait_until(TimePoint deadline) const { return wait(state_, deadline); }

  /// The result, which must be set. Rethrows the exception passed to fail().
  const T& result() const {
    assert(done());
    if (state_->error) std::rethrow_exception(state_->error);
    return *state_->value;
  }

 private:
  struct State {
    explicit State(boost::asio::io_context& owner) : changed(owner) {}
    Signal changed;
    std::optional<T> value;
    std::exception_ptr error;
  };

  /// Holds the state, because every handle may be destroyed during the wait.
  static boost::asio::awaitable<bool> wait(std::shared_ptr<State> state, TimePoint deadline) {
    bool notified = true;
    while (notified && !state->value && !state->error) notified = co_await state->changed.wait_until(deadline);
    co_return state->value || state->error;
  }

  std::shared_ptr<State> state_;
};

}  // namespace prompted::base
