#include "base/spawn.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>
#include <stdexcept>

namespace prompted::base {
namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;

asio::awaitable<void> fail(std::string what) {
  throw std::runtime_error(what);
  co_return;
}

asio::awaitable<void> abort_quietly() {
  throw boost::system::system_error(asio::error::make_error_code(asio::error::operation_aborted));
  co_return;
}

asio::awaitable<void> wait_once(Signal& signal, int& done) {
  co_await signal.wait();
  ++done;
}

asio::awaitable<void> note_finished(TaskGroup& group, TimePoint deadline, std::string& result) {
  const bool finished = co_await group.finished(deadline);
  result = finished ? "finished" : "deadline";
}

void run_failing(const std::string& what) {
  asio::io_context owner(1);
  spawn(owner, "poll loop", fail(what));
  owner.run();
}

TEST(SpawnDeathTest, AnEscapedExceptionIsLoggedAndEndsTheProcess) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  // The log goes to stdout and death tests watch stderr: so the child's stdout is sent there.
  const auto failing = [] {
    ::dup2(2, 1);
    run_failing("disk on fire");
  };
  EXPECT_EXIT(failing(), testing::ExitedWithCode(70),
              R"("level":"ERROR".*"coroutine":"poll loop","error":"disk on fire")");
}

TEST(Spawn, CancellationEndsACoroutineQuietly) {
  asio::io_context owner(1);
  spawn(owner, "cancelled", abort_quietly());
  owner.run();
}

TEST(TaskGroup, CountsAndWaitsForItsCoroutines) {
  asio::io_context owner(1);
  TaskGroup group(owner);
  Signal signal(owner);
  int done = 0;
  std::string early;
  std::string result;
  for (int i = 0; i < 3; ++i) group.spawn("task", wait_once(signal, done));
  EXPECT_EQ(group.running(), 3u);
  spawn(owner, "early", note_finished(group, Clock::now() - 1s, early));
  spawn(owner, "finished", note_finished(group, Clock::now() + 1h, result));
  owner.poll();
  EXPECT_EQ(early, "deadline");
  EXPECT_EQ(result, "");
  signal.notify();
  owner.run();
  EXPECT_EQ(done, 3);
  EXPECT_EQ(group.running(), 0u);
  EXPECT_EQ(result, "finished");
}

TEST(TaskGroup, CountsACancelledCoroutineAsDone) {
  asio::io_context owner(1);
  TaskGroup group(owner);
  std::string result;
  group.spawn("cancelled", abort_quietly());
  spawn(owner, "finished", note_finished(group, never, result));
  owner.run();
  EXPECT_EQ(result, "finished");
}

TEST(TaskGroup, MayBeDestroyedBeforeAContextThatIsNotRunAgain) {
  asio::io_context owner(1);
  Signal signal(owner);
  int done = 0;
  {
    TaskGroup group(owner);
    group.spawn("task", wait_once(signal, done));
    owner.poll();
  }
  EXPECT_EQ(done, 0);
}

}  // namespace
}  // namespace prompted::base
