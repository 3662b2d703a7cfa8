#include "mqreader/poll/removal_watch.hpp"

#include <gtest/gtest.h>

namespace prompted::mqreader {
namespace {

std::vector<std::int64_t> left_of(const RemovalWatch& watch, std::vector<std::int64_t> ids) {
  std::vector<Row> rows;
  for (auto id : ids) {
    rows.emplace_back();
    rows.back().id = id;
  }
  watch.filter(rows);
  std::vector<std::int64_t> left;
  for (const auto& row : rows) left.push_back(row.id);
  return left;
}
using Ids = std::vector<std::int64_t>;

TEST(RemovalWatch, WhatWasRemovedDuringAReadDoesNotComeBack) {
  RemovalWatch watch;
  watch.poll_reads(true);
  watch.sweep_reads(true);
  watch.removed(1);
  EXPECT_TRUE(watch.saw_removal_of(1));
  EXPECT_EQ(left_of(watch, {1, 2, 3}), (Ids{2, 3}));
  watch.poll_reads(false);
  EXPECT_EQ(left_of(watch, {1, 2}), Ids{2});  // the sweep still reads
  watch.sweep_reads(false);
  EXPECT_FALSE(watch.saw_removal_of(1));
  EXPECT_EQ(left_of(watch, {1, 2}), (Ids{1, 2}));
}

TEST(RemovalWatch, RemembersNothingWhileNothingIsRead) {
  RemovalWatch watch;
  watch.removed(2);
  EXPECT_FALSE(watch.saw_removal_of(2));
  watch.poll_reads(true);
  EXPECT_FALSE(watch.saw_removal_of(2));
}

TEST(RemovalWatch, ForgetsWhenAllIsReadAgain) {
  RemovalWatch watch;
  watch.poll_reads(true);
  watch.removed(1);
  watch.clear();
  EXPECT_EQ(left_of(watch, {1}), Ids{1});
  watch.removed(2);  // it still reads
  EXPECT_TRUE(watch.saw_removal_of(2));
}

}  // namespace
}  // namespace prompted::mqreader
