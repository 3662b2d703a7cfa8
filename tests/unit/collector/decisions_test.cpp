// The collector's small decisions: what a response means, when to extend, how long to pause.
#include <gtest/gtest.h>

#include "collector/exchange.hpp"
#include "collector/lease_clock.hpp"

namespace prompted::collector {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
constexpr base::TimePoint t0{};

TEST(Exchange, StatusesAndTheirVerdicts) {
  EXPECT_EQ(verdict(200), Verdict::done);
  for (int status : {404, 405, 501}) EXPECT_EQ(verdict(status), Verdict::unknown) << status;
  for (int status : {408, 421, 429, 500, 503}) EXPECT_EQ(verdict(status), Verdict::again) << status;
  for (int status : {400, 409, 413}) EXPECT_EQ(verdict(status), Verdict::refused) << status;
}

TEST(Exchange, LongPollIsBounded) {
  EXPECT_EQ(long_poll(milliseconds(1)), milliseconds(500));
  EXPECT_EQ(long_poll(milliseconds(1000)), milliseconds(1000));
  EXPECT_EQ(long_poll(milliseconds(60000)), milliseconds(2000));
}

TEST(Exchange, OnlyAnEarlyEmptyAnswerPauses) {
  EXPECT_EQ(pause_after_empty(milliseconds(2), seconds(1), milliseconds(700)), milliseconds(700));
  EXPECT_EQ(pause_after_empty(milliseconds(1001), seconds(1), milliseconds(700)), milliseconds(0));
  EXPECT_EQ(pause_after_empty(milliseconds(2), milliseconds(0), milliseconds(700)), milliseconds(0));
}

TEST(LeaseClock, ExtendsAfterAThirdAndEndsAtItsEnd) {
  LeaseClock clock(t0, seconds(30));
  EXPECT_FALSE(clock.should_extend(t0 + seconds(9)));
  EXPECT_TRUE(clock.should_extend(t0 + seconds(10)));
  EXPECT_FALSE(clock.gone(t0 + seconds(29)));
  EXPECT_TRUE(clock.gone(t0 + seconds(30)));
}

TEST(LeaseClock, AnExtensionStartsItAgain) {
  LeaseClock clock(t0, seconds(30));
  clock.extended(t0 + seconds(10));
  EXPECT_FALSE(clock.gone(t0 + seconds(39)));
  EXPECT_FALSE(clock.should_extend(t0 + seconds(19)));
  EXPECT_TRUE(clock.should_extend(t0 + seconds(20)));
}

TEST(LeaseClock, AFailedExtensionIsRepeatedSoonAndAnUnknownOneNever) {
  LeaseClock clock(t0, seconds(30));
  clock.not_extended(t0 + seconds(10));
  EXPECT_FALSE(clock.should_extend(t0 + seconds(12)));
  EXPECT_TRUE(clock.should_extend(t0 + seconds(13)));
  clock.cannot_extend();
  EXPECT_FALSE(clock.should_extend(t0 + seconds(29)));
  EXPECT_TRUE(clock.gone(t0 + seconds(30)));
}

}  // namespace
}  // namespace prompted::collector
