#include "base/signal.hpp"

#include <gtest/gtest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/system/system_error.hpp>
#include <memory>
#include <string>

#include "base/channel.hpp"
#include "base/spawn.hpp"

namespace prompted::base {
namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;

asio::awaitable<void> count_wakes(Signal& signal, int times, int& woken) {
  for (int i = 0; i < times; ++i) {
    co_await signal.wait();
    ++woken;
  }
}

asio::awaitable<void> wait_limited(Signal& signal, TimePoint deadline, std::string& result) {
  const bool notified = co_await signal.wait_until(deadline);
  result = notified ? "notified" : "deadline";
}

asio::awaitable<void> expect_aborted(Signal& signal, bool& aborted) {
  try {
    co_await signal.wait();
  } catch (const boost::system::system_error& error) {
    aborted = error.code() == asio::error::operation_aborted;
  }
}

TEST(Signal, WakesAllThatWaitAndNobodyElse) {
  asio::io_context owner(1);
  Signal signal(owner);
  int woken = 0;
  signal.notify();  // nobody waits: nothing is kept
  for (int i = 0; i < 3; ++i) spawn(owner, "waiter", count_wakes(signal, 2, woken));
  owner.poll();
  EXPECT_EQ(woken, 0);
  signal.notify();
  signal.notify();  // before they ran: they wait for it no longer
  owner.poll();
  EXPECT_EQ(woken, 3);
  signal.notify();
  owner.poll();
  EXPECT_EQ(woken, 6);
}

TEST(Signal, TheDeadlineEndsAWait) {
  asio::io_context owner(1);
  Signal signal(owner);
  std::string late;
  std::string past;
  spawn(owner, "late", wait_limited(signal, Clock::now() + 5ms, late));
  spawn(owner, "past", wait_limited(signal, Clock::now() - 1h, past));
  owner.run();
  EXPECT_EQ(late, "deadline");
  EXPECT_EQ(past, "deadline");
}

TEST(Signal, ANotifyBeforeTheDeadlineIsTold) {
  asio::io_context owner(1);
  Signal signal(owner);
  std::string limited;
  std::string for_ever;
  spawn(owner, "limited", wait_limited(signal, Clock::now() + 1h, limited));
  spawn(owner, "for ever", wait_limited(signal, never, for_ever));
  owner.poll();
  signal.notify();
  owner.run();
  EXPECT_EQ(limited, "notified");
  EXPECT_EQ(for_ever, "notified");
}

TEST(Signal, ItsEndAbortsThoseThatWait) {
  asio::io_context owner(1);
  auto signal = std::make_unique<Signal>(owner);
  bool aborted = false;
  spawn(owner, "waiter", expect_aborted(*signal, aborted));
  owner.poll();
  signal.reset();
  owner.run();
  EXPECT_TRUE(aborted);
}

TEST(Signal, CancellationAbortsAWait) {
  asio::io_context owner(1);
  Signal signal(owner);
  bool aborted = false;
  asio::cancellation_signal cancel;
  asio::co_spawn(owner, expect_aborted(signal, aborted),
                 asio::bind_cancellation_slot(cancel.slot(), [](const std::exception_ptr&) {}));
  owner.poll();
  cancel.emit(asio::cancellation_type::terminal);
  owner.run();
  EXPECT_TRUE(aborted);
  signal.notify();  // it left the list
}

TEST(Signal, MayGoBeforeOrAfterTheContextWhileSomebodyWaits) {
  int woken = 0;
  {
    asio::io_context owner(1);
    Signal signal(owner);
    spawn(owner, "waiter", count_wakes(signal, 1, woken));
    owner.poll();
  }
  auto owner = std::make_unique<asio::io_context>(1);
  Signal outlives(*owner);
  spawn(*owner, "waiter", count_wakes(outlives, 1, woken));
  owner->poll();
  owner.reset();
  EXPECT_EQ(woken, 0);
}

asio::awaitable<void> nap(Duration duration, bool& rested) {
  const TimePoint until = Clock::now() + duration;
  co_await sleep_for(duration);
  co_await sleep_until(until);
  rested = Clock::now() >= until;
}

TEST(Sleep, TakesItsTime) {
  asio::io_context owner(1);
  bool rested = false;
  spawn(owner, "nap", nap(5ms, rested));
  owner.run();
  EXPECT_TRUE(rested);
}

asio::awaitable<void> produce(Channel<int>& channel, int count) {
  for (int i = 0; i < count; ++i) {
    const bool taken = co_await channel.send(i);
    if (!taken) co_return;
  }
  channel.finish();
}

asio::awaitable<void> consume(Channel<int>& channel, int most, std::vector<int>& seen, std::size_t& fullest) {
  while (static_cast<int>(seen.size()) < most) {
    fullest = std::max(fullest, channel.size());
    const std::optional<int> item = co_await channel.receive();
    if (!item) co_return;
    seen.push_back(*item);
  }
  channel.close();
}

TEST(Channel, GivesEverythingInOrderAndStaysBounded) {
  asio::io_context owner(1);
  Channel<int> channel(owner, 3);
  std::vector<int> seen;
  std::size_t fullest = 0;
  spawn(owner, "produce", produce(channel, 1000));
  spawn(owner, "consume", consume(channel, 5000, seen, fullest));
  owner.run();
  ASSERT_EQ(seen.size(), 1000u);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(seen[static_cast<std::size_t>(i)], i);
  EXPECT_LE(fullest, 3u);
}

TEST(Channel, ASenderLearnsThatTheReceiverHasGone) {
  asio::io_context owner(1);
  Channel<int> channel(owner, 1);
  std::vector<int> seen;
  std::size_t fullest = 0;
  spawn(owner, "produce", produce(channel, 1000));
  spawn(owner, "consume", consume(channel, 10, seen, fullest));
  owner.run();  // ends: nobody is left waiting
  EXPECT_EQ(seen.size(), 10u);
}

}  // namespace
}  // namespace prompted::base
