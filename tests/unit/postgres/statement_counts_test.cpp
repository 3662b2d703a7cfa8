#include "postgres/statement_counts.hpp"

#include <gtest/gtest.h>

namespace prompted::pg {
namespace {

using namespace std::chrono_literals;

TEST(StatementCounts, AddsUpByName) {
  static constexpr char poll[] = "poll";
  static constexpr char poll_elsewhere[] = "poll";  // the same name under another address
  StatementCounts counts;
  counts.add(poll, false, 2s);
  counts.add("ack", true, 1s);
  counts.add(poll, true, 3s);
  counts.add(poll_elsewhere, false, 1s);
  std::map<std::string, StatementStats, std::less<>> total;
  counts.move_to(total);
  ASSERT_EQ(total.size(), 2u);
  EXPECT_EQ(total["poll"].runs, 3u);
  EXPECT_EQ(total["poll"].failures, 1u);
  EXPECT_EQ(total["poll"].time, 6s);
  EXPECT_EQ(total["ack"].failures, 1u);
}

TEST(StatementCounts, WhatWasMovedIsNotMovedAgain) {
  StatementCounts counts;
  std::map<std::string, StatementStats, std::less<>> total;
  counts.add("poll", false, 1s);
  counts.move_to(total);
  counts.move_to(total);
  EXPECT_EQ(total["poll"].runs, 1u);
  counts.add("poll", false, 1s);
  counts.move_to(total);
  EXPECT_EQ(total["poll"].runs, 2u);
  EXPECT_EQ(total["poll"].time, 2s);
}

}  // namespace
}  // namespace prompted::pg
