#pragma once
// An owner thread run by the test itself, and the outcomes of coroutines on it.
#include <gtest/gtest.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <functional>
#include <memory>
#include <optional>

#include "base/clock.hpp"
#include "base/spawn.hpp"
#include "postgres/errors.hpp"

namespace prompted::pg {

using namespace std::chrono_literals;

/// The outcome of one coroutine.
template <class T>
struct Outcome {
  std::optional<T> value;
  std::exception_ptr error;
  bool done() const { return value.has_value() || error; }
  template <class Error>
  bool failed_as() const {
    try {
      if (error) std::rethrow_exception(error);
    } catch (const Error&) {
      return true;
    } catch (...) {
    }
    return false;
  }
};
template <class T>
using OutcomePtr = std::shared_ptr<Outcome<T>>;

template <class T>
boost::asio::awaitable<void> keep(boost::asio::awaitable<T> work, OutcomePtr<T> outcome) {
  try {
    T value = co_await std::move(work);
    outcome->value.emplace(std::move(value));
  } catch (...) {
    outcome->error = std::current_exception();
  }
}

class OwnerLoop {
 public:
  boost::asio::io_context& context() { return context_; }
  /// Runs the owner until `condition` is true; returns false at the limit.
  bool until(const std::function<bool()>& condition, base::Duration limit = 30s) {
    const auto deadline = base::Clock::now() + limit;
    while (!condition()) {
      if (base::Clock::now() > deadline) return false;
      if (context_.stopped()) context_.restart();
      context_.run_one_for(5ms);
    }
    return true;
  }
  template <class T>
  OutcomePtr<T> start(boost::asio::awaitable<T> work) {
    auto outcome = std::make_shared<Outcome<T>>();
    base::spawn(context_, "test", keep(std::move(work), outcome));
    return outcome;
  }
  /// Starts the coroutine and runs until it is done.
  template <class T>
  OutcomePtr<T> finish(boost::asio::awaitable<T> work) {
    auto outcome = start(std::move(work));
    EXPECT_TRUE(until([&] { return outcome->done(); }));
    return outcome;
  }

 private:
  boost::asio::io_context context_{1};
};

}  // namespace prompted::pg
