#include "base/group_commit.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <vector>

#include "base/pending.hpp"

namespace prompted::base {
namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;

/// Two numbers a batch; beside a running flush two must wait, or one for `patience`.
struct Numbers {
  using Batch = std::vector<int>;
  void add(int number) { waiting.emplace_back(number, Clock::now()); }
  bool due(TimePoint now, std::size_t running) const {
    return !waiting.empty() && (running == 0 || waiting.size() >= 2 || due_at() <= now);
  }
  TimePoint due_at() const {
    return waiting.empty() || patience == Duration::max() ? never : waiting.front().second + patience;
  }
  Batch take() {
    Batch batch;
    for (; batch.size() < 2 && !waiting.empty(); waiting.pop_front()) batch.push_back(waiting.front().first);
    return batch;
  }
  std::deque<std::pair<int, TimePoint>> waiting;
  Duration patience = Duration::max();
};

/// A commit takes until its Pending says how it went.
struct GroupCommitTest : testing::Test {
  asio::awaitable<bool> attempt(Numbers::Batch& batch, bool retry) {
    if (retry) std::erase(batch, gone);
    attempts.push_back(batch);
    if (batch.empty()) co_return true;
    Pending<bool> outcome(owner);
    running.push_back(outcome);
    co_await outcome.wait_until(never);
    const bool done = outcome.result();
    if (done) committed.insert(committed.end(), batch.begin(), batch.end());
    co_return done;
  }
  void add(std::vector<int> more) {
    for (const int number : more) {
      numbers.add(number);
      commits.pump();
    }
    owner.restart();
    owner.poll();
  }
  /// The oldest flush ends.
  void end(bool done) {
    Pending<bool> first = running.front();
    running.pop_front();
    first.complete(done);
    owner.restart();
    owner.poll();
  }
  void run_for(Duration duration) {
    owner.restart();
    owner.run_for(duration);
  }

  using Batches = std::vector<std::vector<int>>;
  asio::io_context owner{1};
  Numbers numbers;
  int gone = 0;
  Batches attempts;
  std::vector<int> committed;
  std::deque<Pending<bool>> running;
  GroupCommit<Numbers> commits{owner,
                               numbers,
                               {.name = "test", .most_running = 2, .first_pause = 1ms, .longest_pause = 2ms},
                               [this](Numbers::Batch& batch, bool retry) { return attempt(batch, retry); }};
};

asio::awaitable<void> drain(GroupCommit<Numbers>& commits, TimePoint deadline, int& drained) {
  const bool all = co_await commits.drain(deadline);
  drained = all ? 1 : 0;
}

TEST_F(GroupCommitTest, TheFirstGoesAtOnceAndOthersGatherMeanwhile) {
  add({1, 2});
  EXPECT_EQ(attempts, (Batches{{1}}));
  add({3});
  EXPECT_EQ(attempts, (Batches{{1}, {2, 3}}));  // enough for a second flush
  add({4, 5, 6});
  EXPECT_EQ(attempts.size(), 2u);  // no more beside each other
  end(true);
  EXPECT_EQ(attempts, (Batches{{1}, {2, 3}, {4, 5}}));
  end(true);
  EXPECT_EQ(running.size(), 1u);  // 6 waits for company
  end(true);
  EXPECT_EQ(attempts.back(), std::vector<int>{6});
  end(true);
  EXPECT_EQ(committed, (std::vector<int>{1, 2, 3, 4, 5, 6}));
}

TEST_F(GroupCommitTest, TimeMakesABatchDue) {
  numbers.patience = 5ms;
  add({1, 2});
  EXPECT_EQ(attempts.size(), 1u);
  run_for(200ms);
  EXPECT_EQ(attempts, (Batches{{1}, {2}}));
  add({3});
  run_for(20ms);
  EXPECT_EQ(attempts.size(), 2u);  // whatever the time: all are running
  end(true);
  EXPECT_EQ(attempts.back(), std::vector<int>{3});
}

TEST_F(GroupCommitTest, AFailedFlushIsRetriedWithWhatIsLeft) {
  add({1});
  add({2, 3});
  end(true);
  gone = 2;  // expires before the retry
  end(false);
  run_for(50ms);
  EXPECT_EQ(attempts.back(), std::vector<int>{3});
  gone = 3;
  end(false);
  run_for(50ms);
  EXPECT_TRUE(attempts.back().empty());
  EXPECT_EQ(committed, std::vector<int>{1});
  add({4});  // its place is free again
  EXPECT_EQ(attempts.back(), std::vector<int>{4});
}

TEST_F(GroupCommitTest, ADrainWaitsForAll) {
  add({1, 2, 3, 4});
  int drained = -1;
  spawn(owner, "drain", drain(commits, never, drained));
  end(true);
  end(true);
  EXPECT_EQ(drained, -1);
  end(true);
  EXPECT_EQ(drained, 1);
  add({5});
  spawn(owner, "drain", drain(commits, Clock::now() + 5ms, drained));
  run_for(100ms);
  EXPECT_EQ(drained, 0);
}

asio::awaitable<bool> take_for_ever() {
  co_await sleep_until(never);
  co_return true;
}

TEST(GroupCommit, TheContextMayEndBeforeItsFlushes) {
  auto owner = std::make_unique<asio::io_context>(1);
  Numbers numbers;
  numbers.patience = 1h;
  GroupCommit<Numbers> commits(*owner, numbers, {.name = "test", .most_running = 2},
                               [](Numbers::Batch&, bool) { return take_for_ever(); });
  for (const int number : {1, 2}) {
    numbers.add(number);
    commits.pump();
  }
  owner->poll();
  owner.reset();  // one flush and the timer are inside
  EXPECT_EQ(numbers.waiting.size(), 1u);
}

}  // namespace
}  // namespace prompted::base
