#include "base/byte_budget.hpp"

#include <gtest/gtest.h>

namespace prompted::base {
namespace {

TEST(ByteBudget, AShareGrowsWithinTheLimitAndGivesBack) {
  ByteBudget budget{100, 0};
  ByteShare first(budget);
  {
    ByteShare second(budget);
    EXPECT_TRUE(first.grow_to(60));
    EXPECT_TRUE(first.grow_to(10));  // never shrinks
    EXPECT_FALSE(second.grow_to(41));
    EXPECT_EQ(second.taken(), 0u);
    EXPECT_TRUE(second.grow_to(40));
    EXPECT_EQ(budget.taken, 100u);
    EXPECT_FALSE(first.grow_to(61));
  }
  EXPECT_EQ(budget.taken, 60u);
  first.give_back();
  EXPECT_EQ(budget.taken, 0u);
}

TEST(ByteBudget, OneAloneTakesMoreThanTheLimit) {
  ByteBudget budget{100, 0};
  ByteShare large(budget), other(budget);
  EXPECT_FALSE(large.grow_to(101));
  EXPECT_TRUE(large.grow_to_or_alone(150));
  EXPECT_TRUE(large.grow_to_or_alone(200));  // still alone
  EXPECT_FALSE(other.grow_to_or_alone(1));
  large.give_back();
  EXPECT_TRUE(other.grow_to_or_alone(1));
  EXPECT_FALSE(large.grow_to_or_alone(100));
}

}  // namespace
}  // namespace prompted::base
