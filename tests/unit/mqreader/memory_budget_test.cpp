#include "mqreader/lease/memory_budget.hpp"

#include <gtest/gtest.h>

#include <deque>

namespace prompted::mqreader {
namespace {

constexpr std::size_t most_topics = 4;

/// A topic that loads as much as its limit allows, up to `there`.
struct Topic : MemoryHolder {
  Topic(const std::shared_ptr<MemoryBudget>& budget, std::int64_t there_are) : there(there_are), share(budget, *this) {}
  Memory held() const override { return now; }
  void room_freed() override { ++told; }
  void poll() {
    const Memory limit = share.limit();
    const std::int64_t room =
        std::max<std::int64_t>(0, std::min(limit.messages - now.messages, (limit.bytes - now.bytes) / 10));
    const auto taken = std::min(room, there);
    there -= taken;
    now.messages += taken;
    now.bytes += 10 * taken;
    share.want(there > 0);
  }
  void ack(std::int64_t messages) {
    messages = std::min(messages, now.messages);
    now.messages -= messages;
    now.bytes -= 10 * messages;
    share.freed();
  }

  std::int64_t there;
  Memory now;
  int told = 0;
  MemoryShare share;
};

struct MemoryBudgetTest : testing::Test {
  std::shared_ptr<MemoryBudget> budget = std::make_shared<MemoryBudget>(Memory{800, 8000}, most_topics);
};

TEST_F(MemoryBudgetTest, OneTopicHasHalfAndItsOwn) {
  Topic topic(budget, 10'000);
  topic.poll();
  EXPECT_EQ(topic.now.messages, 400 + 100);
  topic.poll();
  EXPECT_EQ(topic.now.messages, 500);
}

TEST_F(MemoryBudgetTest, EachIsGuaranteedItsPartHoweverFullItIs) {
  Topic first(budget, 10'000);
  first.poll();
  std::deque<Topic> others;
  for (std::size_t i = 1; i < most_topics; ++i) {
    others.emplace_back(budget, 10'000);
    others.back().poll();
    EXPECT_EQ(others.back().now.messages, 100);
  }
  EXPECT_EQ(budget->used().messages, budget->total().messages);
  EXPECT_EQ(budget->used().bytes, budget->total().bytes);
}

TEST_F(MemoryBudgetTest, WhoWantsMoreDividesTheCommonHalfEvenly) {
  Topic first(budget, 100'000);
  Topic second(budget, 100'000);
  for (int round = 0; round < 200; ++round) {
    first.poll();
    second.poll();
    EXPECT_LE(budget->used().messages, budget->total().messages);
    first.ack(50);
    second.ack(50);
  }
  first.poll();
  second.poll();
  EXPECT_EQ(first.now.messages, 300);
  EXPECT_EQ(second.now.messages, 300);
}

TEST(MemoryBudget, BytesCountAsMessagesDo) {
  auto budget = std::make_shared<MemoryBudget>(Memory{1'000'000, 8000}, most_topics);
  Topic large(budget, 0);
  large.now = {1, 5000};  // the common half, all of it
  Topic other(budget, 10'000);
  other.poll();
  EXPECT_EQ(other.now.bytes, 1000);
}

TEST_F(MemoryBudgetTest, WhoeverWantsMoreIsToldWhenThereIsRoomForIt) {
  Topic first(budget, 10'000);
  first.poll();
  Topic second(budget, 1000);
  Topic content(budget, 0);
  second.poll();
  first.ack(1);
  EXPECT_EQ(second.told, 0);  // not worth a statement
  first.ack(100);
  EXPECT_GE(second.told, 1);
  EXPECT_EQ(content.told, 0);
  second.poll();
  EXPECT_GT(second.now.messages, 100);
}

TEST_F(MemoryBudgetTest, WhatGoesLeavesItsPart) {
  Topic first(budget, 10'000);
  {
    Topic second(budget, 10'000);
    second.poll();
    EXPECT_EQ(budget->used().messages, 500);
  }
  EXPECT_EQ(budget->used().messages, 0);
  first.poll();
  EXPECT_EQ(first.now.messages, 500);
}

TEST(MemoryBudget, ATinyOneStillGivesEachAMessage) {
  auto budget = std::make_shared<MemoryBudget>(Memory{1, 1}, 64);
  Topic topic(budget, 1);
  EXPECT_EQ(topic.share.limit().messages, 1);
  EXPECT_EQ(topic.share.limit().bytes, 1);
}

}  // namespace
}  // namespace prompted::mqreader
