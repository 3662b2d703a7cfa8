#include "mqreader/lease/ready_queues.hpp"

#include <gtest/gtest.h>

#include <set>

namespace prompted::mqreader {
namespace {

struct ReadyQueuesTest : testing::Test {
  /// All that are left, in the order in which they are leased.
  std::vector<std::int64_t> pop_all() {
    std::vector<std::int64_t> ids;
    std::int64_t met = 0;
    const auto ready = [&](std::int64_t id) -> const std::int64_t* {
      met = id;
      return outdated.contains(id) ? nullptr : &met;
    };
    while (const auto* id = queues.pop(ready)) ids.push_back(*id);
    return ids;
  }
  ReadyQueues queues{4};
  std::set<std::int64_t> outdated;
};
using Ids = std::vector<std::int64_t>;

TEST_F(ReadyQueuesTest, PartitionsTakeTurns) {
  for (std::int64_t id : {10, 11, 12}) queues.push(1, id, false);
  queues.push(2, 20, false);
  queues.push(1, 9, true);
  EXPECT_EQ(pop_all(), (Ids{9, 20, 10, 11, 12}));
  queues.push(2, 21, false);
  EXPECT_EQ(pop_all(), Ids{21});
}

TEST_F(ReadyQueuesTest, IdsThatAreNotReadyAnyMoreAreSkipped) {
  for (std::int64_t id : {10, 11, 12}) queues.push(1, id, false);
  queues.push(2, 20, false);
  outdated = {10, 20, 12};
  EXPECT_EQ(pop_all(), Ids{11});
  outdated.clear();
  queues.push(2, 20, false);
  EXPECT_EQ(pop_all(), Ids{20});
}

TEST_F(ReadyQueuesTest, KnowsWhichPartitionsAreOwned) {
  queues.set_owned({1, 3});
  EXPECT_TRUE(queues.owns(3));
  EXPECT_FALSE(queues.owns(2));
  EXPECT_FALSE(queues.owns(4));
  EXPECT_FALSE(queues.owns(-1));
  queues.set_owned({2});
  EXPECT_FALSE(queues.owns(3));
  queues.push(2, 20, false);
  queues.clear();
  EXPECT_TRUE(pop_all().empty());
  EXPECT_TRUE(queues.owns(2));
}

}  // namespace
}  // namespace prompted::mqreader
