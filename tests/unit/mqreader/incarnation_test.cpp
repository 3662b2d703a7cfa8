#include "mqreader/poll/incarnation.hpp"

#include <gtest/gtest.h>

namespace prompted::mqreader {
namespace {

using Verdict = Incarnation::Verdict;

TEST(Incarnation, TheFirstSeenIsTheOneWeKnow) {
  Incarnation incarnation;
  const auto generation = incarnation.generation();
  EXPECT_EQ(incarnation.observe({"a", "monday"}), Verdict::same);
  EXPECT_EQ(incarnation.observe({"a", "monday"}), Verdict::same);
  EXPECT_EQ(incarnation.generation(), generation);
}

TEST(Incarnation, AnotherValueBeginsAGenerationOnce) {
  Incarnation incarnation;
  incarnation.observe({"a", "monday"});
  const auto generation = incarnation.generation();
  EXPECT_EQ(incarnation.observe({"b", "monday"}), Verdict::changed);
  EXPECT_EQ(incarnation.generation(), generation + 1);
  EXPECT_EQ(incarnation.observe({"b", "monday"}), Verdict::same);
  EXPECT_EQ(incarnation.generation(), generation + 1);
}

TEST(Incarnation, ARestoredDumpHasTheSameValueUnderAnotherServerStart) {
  Incarnation incarnation;
  incarnation.observe({"a", "monday"});
  EXPECT_EQ(incarnation.observe({"a", "tuesday"}), Verdict::changed);
  EXPECT_EQ(incarnation.observe({"a", "tuesday"}), Verdict::same);
}

TEST(Incarnation, EmptyAfterCrashRecoveryChangesNothingByItself) {
  Incarnation incarnation;
  EXPECT_EQ(incarnation.observe({"", "monday"}), Verdict::empty);
  incarnation.observe({"a", "monday"});
  const auto generation = incarnation.generation();
  EXPECT_EQ(incarnation.observe({"", "tuesday"}), Verdict::empty);
  EXPECT_EQ(incarnation.generation(), generation);
  EXPECT_EQ(incarnation.observe({"b", "tuesday"}), Verdict::changed);
  EXPECT_EQ(incarnation.generation(), generation + 1);
}

TEST(Incarnation, AStatementThatMetAnotherServerBeginsAGeneration) {
  Incarnation incarnation;
  const ServerId first{"a", "1"};
  incarnation.observe(first);
  incarnation.is_gone({"b", "1"});  // an older one
  EXPECT_EQ(incarnation.generation(), 1u);
  incarnation.is_gone(first);
  incarnation.is_gone(first);  // two statements met it
  EXPECT_EQ(incarnation.generation(), 2u);
  EXPECT_FALSE(incarnation.is(first));
  EXPECT_EQ(incarnation.observe(first), Verdict::same);  // whatever answers now: all is read from it
  EXPECT_EQ(incarnation.generation(), 2u);
}

}  // namespace
}  // namespace prompted::mqreader
