#include "mqwriter/drain_rate.hpp"

#include <gtest/gtest.h>

namespace prompted::mqwriter {
namespace {

using namespace std::chrono_literals;

const base::TimePoint start = base::TimePoint{} + 1000s;

/// Commits `each` messages every 100 ms.
base::TimePoint commit_for(DrainRate& rate, base::TimePoint now, base::Duration time, std::size_t each) {
  for (const auto end = now + time; now < end;) rate.committed(each, now += 100ms);
  return now;
}

TEST(DrainRate, BeforeTheFirstCommitItGuesses) {
  DrainRate rate;
  EXPECT_EQ(rate.per_second(), 0);
  EXPECT_EQ(rate.time_for(1000), 5s);
}

TEST(DrainRate, FollowsTheCommits) {
  DrainRate rate;
  auto now = commit_for(rate, start, 10s, 100);
  EXPECT_NEAR(rate.per_second(), 1000, 100);
  now = commit_for(rate, now, 5s, 500);
  EXPECT_GT(rate.per_second(), 2000);  // smoothed: on its way
  EXPECT_LT(rate.per_second(), 4500);
  commit_for(rate, now, 60s, 500);
  EXPECT_NEAR(rate.per_second(), 5000, 100);
}

TEST(DrainRate, ManyCommitsInOneMomentAreNoInfinity) {
  DrainRate rate;
  for (int i = 0; i < 1000; ++i) rate.committed(10, start);
  EXPECT_EQ(rate.per_second(), 0);
  rate.committed(0, start + 1s);
  EXPECT_NEAR(rate.per_second(), 10000, 1);
}

TEST(DrainRate, TheTimeIsWholeSecondsBetweenOneAndThirty) {
  DrainRate rate;
  commit_for(rate, start, 60s, 10);  // 100 a second
  EXPECT_EQ(rate.time_for(0), 1s);
  EXPECT_EQ(rate.time_for(1), 1s);
  EXPECT_EQ(rate.time_for(1050), 11s);
  EXPECT_EQ(rate.time_for(1'000'000), 30s);
}

}  // namespace
}  // namespace prompted::mqwriter
