#include "mqreader/incarnation.hpp"

#include <gtest/gtest.h>

namespace prompted::mqreader {
namespace {

using Verdict = Incarnation::Verdict;

TEST(Incarnation, TheFirstSeenIsTheOneWeKnow) {
  Incarnation incarnation;
  const auto generation = incarnation.generation();
  EXPECT_EQ(incarnation.observe("a", "monday"), Verdict::same);
  EXPECT_EQ(incarnation.observe("a", "monday"), Verdict::same);
  EXPECT_EQ(incarnation.generation(), generation);
}

TEST(Incarnation, AnotherValueBeginsAGenerationOnce) {
  Incarnation incarnation;
  incarnation.observe("a", "monday");
  const auto generation = incarnation.generation();
  EXPECT_EQ(incarnation.observe("b", "monday"), Verdict::changed);
  EXPECT_EQ(incarnation.generation(), generation + 1);
  EXPECT_EQ(incarnation.observe("b", "monday"), Verdict::same);
  EXPECT_EQ(incarnation.generation(), generation + 1);
}

TEST(Incarnation, ARestoredDumpHasTheSameValueUnderAnotherServerStart) {
  Incarnation incarnation;
  incarnation.observe("a", "monday");
  EXPECT_EQ(incarnation.observe("a", "tuesday"), Verdict::changed);
  EXPECT_EQ(incarnation.observe("a", "tuesday"), Verdict::same);
}

TEST(Incarnation, EmptyAfterCrashRecoveryChangesNothingByItself) {
  Incarnation incarnation;
  EXPECT_EQ(incarnation.observe("", "monday"), Verdict::empty);
  incarnation.observe("a", "monday");
  const auto generation = incarnation.generation();
  EXPECT_EQ(incarnation.observe("", "tuesday"), Verdict::empty);
  EXPECT_EQ(incarnation.generation(), generation);
  EXPECT_EQ(incarnation.observe("b", "tuesday"), Verdict::changed);
  EXPECT_EQ(incarnation.generation(), generation + 1);
}

}  // namespace
}  // namespace prompted::mqreader
