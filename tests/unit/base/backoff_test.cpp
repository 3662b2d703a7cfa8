#include "base/backoff.hpp"

#include <gtest/gtest.h>

namespace prompted::base {
namespace {

using namespace std::chrono_literals;

TEST(Backoff, DoublesUpToItsMost) {
  Backoff backoff(100ms, 1000ms);
  for (const auto whole : {100ms, 200ms, 400ms, 800ms, 1000ms, 1000ms}) {
    const auto wait = backoff.next();
    EXPECT_GE(wait, whole / 2);
    EXPECT_LE(wait, whole);
  }
  EXPECT_EQ(backoff.failures(), 6);
}

TEST(Backoff, StartsAgainAfterASuccess) {
  Backoff backoff(100ms, 10s);
  for (int i = 0; i < 5; ++i) backoff.next();
  backoff.reset();
  EXPECT_EQ(backoff.failures(), 0);
  EXPECT_LE(backoff.next(), 100ms);
  EXPECT_EQ(backoff.failures(), 1);
}

TEST(Backoff, NeverOverflows) {
  Backoff backoff(1ms, 24h);
  for (int i = 0; i < 10'000; ++i) {
    const auto wait = backoff.next();
    ASSERT_GE(wait, 0ms);
    ASSERT_LE(wait, 24h);
  }
}

TEST(Backoff, IsJittered) {
  Backoff backoff(1h, 1h);
  const auto first = backoff.next();
  bool differs = false;
  for (int i = 0; i < 10; ++i) differs = differs || backoff.next() != first;
  EXPECT_TRUE(differs);
}

}  // namespace
}  // namespace prompted::base
