#include "base/pending.hpp"

#include <gtest/gtest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/system/system_error.hpp>
#include <stdexcept>
#include <string>

#include "base/spawn.hpp"

namespace prompted::base {
namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;

asio::awaitable<void> wait_for(Pending<std::string> pending, TimePoint deadline, std::string& seen) {
  const bool in_time = co_await pending.wait_until(deadline);
  if (!in_time) {
    seen = "late";
    co_return;
  }
  try {
    seen = pending.result();
  } catch (const std::runtime_error& error) {
    seen = std::string("failed: ") + error.what();
  }
}

TEST(Pending, WakesEachThatWaitsWithItsResult) {
  asio::io_context owner(1);
  Pending<std::string> pending(owner);
  std::string first;
  std::string second;
  spawn(owner, "first", wait_for(pending, never, first));
  spawn(owner, "second", wait_for(pending, Clock::now() + 1h, second));
  owner.poll();
  EXPECT_FALSE(pending.done());
  pending.complete("committed");
  EXPECT_TRUE(pending.done());
  owner.run();
  EXPECT_EQ(first, "committed");
  EXPECT_EQ(second, "committed");
}

TEST(Pending, AFailureIsThrownToTheCaller) {
  asio::io_context owner(1);
  Pending<std::string> pending(owner);
  std::string seen;
  spawn(owner, "caller", wait_for(pending, never, seen));
  owner.poll();
  pending.fail(std::make_exception_ptr(std::runtime_error("full")));
  owner.run();
  EXPECT_EQ(seen, "failed: full");
}

TEST(Pending, TheDeadlineEndsTheWaitAndNotTheWork) {
  asio::io_context owner(1);
  Pending<std::string> pending(owner);
  std::string seen;
  spawn(owner, "caller", wait_for(pending, Clock::now() + 5ms, seen));
  owner.run();
  EXPECT_EQ(seen, "late");
  pending.complete("committed");  // nobody waits any more
  owner.restart();
  spawn(owner, "asks again", wait_for(pending, Clock::now() - 1h, seen));
  owner.run();
  EXPECT_EQ(seen, "committed");  // what is there is in time, whatever the deadline
}

TEST(Pending, AResultThatCameWithTheDeadlineIsInTime) {
  asio::io_context owner(1);
  Pending<std::string> pending(owner);
  std::string seen;
  const auto deadline = Clock::now() + 5ms;
  spawn(owner, "caller", wait_for(pending, deadline, seen));
  owner.poll();
  while (Clock::now() < deadline) continue;
  pending.complete("just");
  owner.run();
  EXPECT_EQ(seen, "just");
}

asio::awaitable<bool> wait_for_one_that_is_let_go(asio::io_context& owner, Pending<>& work) {
  Pending<> pending(owner);
  work = pending;
  auto waiting = pending.wait_until(never);
  pending = Pending<>(owner);
  const bool in_time = co_await std::move(waiting);
  co_return in_time;
}

asio::awaitable<void> outlive(asio::io_context& owner, Pending<>& work, bool& in_time) {
  const bool came = co_await wait_for_one_that_is_let_go(owner, work);
  in_time = came;
}

TEST(Pending, AWaitNeedsNoHandle) {
  asio::io_context owner(1);
  Pending<> work(owner);
  bool in_time = false;
  spawn(owner, "caller", outlive(owner, work, in_time));
  owner.poll();
  work.complete();
  work = Pending<>(owner);  // the last handle is gone before the caller runs
  owner.run();
  EXPECT_TRUE(in_time);
}

TEST(Pending, TheWorkMayLoseItsCaller) {
  asio::io_context owner(1);
  Pending<std::string> pending(owner);
  std::string seen = "nothing";
  asio::cancellation_signal cancel;
  bool aborted = false;
  asio::co_spawn(owner, wait_for(pending, never, seen),
                 asio::bind_cancellation_slot(
                     cancel.slot(), [&aborted](const std::exception_ptr& error) { aborted = error != nullptr; }));
  owner.poll();
  cancel.emit(asio::cancellation_type::terminal);
  owner.run();
  EXPECT_TRUE(aborted);
  pending.complete("committed");
  EXPECT_EQ(seen, "nothing");
}

TEST(Pending, MayOutliveTheContextWithACallerInside) {
  auto owner = std::make_unique<asio::io_context>(1);
  Pending<std::string> pending(*owner);
  std::string seen = "nothing";
  spawn(*owner, "caller", wait_for(pending, never, seen));
  owner->poll();
  owner.reset();
  EXPECT_EQ(seen, "nothing");
}

}  // namespace
}  // namespace prompted::base
