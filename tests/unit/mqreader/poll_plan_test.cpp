#include "mqreader/poll/poll_plan.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <stdexcept>

namespace prompted::mqreader {
namespace {

constexpr Room plenty{1000000, 1000000};

Row row(int partition, std::uint64_t xid, std::int64_t id) {
  Row row;
  row.partition = partition;
  row.xid = xid;
  row.id = id;
  return row;
}
PollResult response(const std::string& snapshot, std::vector<Row> rows = {}) {
  PollResult response;
  response.snapshot = snapshot;
  response.rows = std::move(rows);
  return response;
}
/// One pass in which nothing is found.
void quiet_pass(PollPlan& plan, const std::string& snapshot) {
  plan.begin_pass();
  while (const auto request = plan.next(plenty, 1000))
    plan.apply(*request, response(request->target.value_or(snapshot)));
}
std::vector<int> sorted(std::vector<int> keys) {
  std::sort(keys.begin(), keys.end());
  return keys;
}

TEST(PollPlan, StartUpIsTheEmptySnapshotForAllPartitions) {
  PollPlan plan;
  plan.set_partitions({3, 1, 2});
  plan.begin_pass();
  const auto request = plan.next(plenty, 1000);
  ASSERT_TRUE(request);
  EXPECT_EQ(request->base, empty_snapshot);
  EXPECT_FALSE(request->target);
  EXPECT_FALSE(request->backlog);
  EXPECT_EQ(sorted(request->partitions), (std::vector<int>{1, 2, 3}));
  EXPECT_EQ(request->cursors, std::vector<Cursor>(3));
  EXPECT_EQ(request->rows, 1000);
  EXPECT_FALSE(plan.apply(*request, response("10:20:", {row(1, 5, 1)})));
  EXPECT_FALSE(plan.next(plenty, 1000));  // each is asked once a pass
  for (const auto& seen : plan.seen()) {
    EXPECT_EQ(seen.base, "10:20:");
    EXPECT_EQ(seen.target, empty_snapshot);
  }
}

TEST(PollPlan, APageCutByItsBytesIsGoneOnWith) {
  PollPlan plan;
  plan.set_partitions({1, 2});
  plan.begin_pass();
  const auto request = plan.next({1000000, 1000000, 3'000'000}, 1000);
  ASSERT_TRUE(request);
  EXPECT_EQ(request->bytes, 3'000'000);
  auto cut = response("10:20:", {row(request->partitions[0], 5, 1)});
  cut.cut = true;
  EXPECT_TRUE(plan.apply(*request, cut));
  EXPECT_EQ(plan.behind(), 2u);  // nobody has been read to the end
  plan.begin_pass();
  const auto next = plan.next(plenty, 1000);
  EXPECT_TRUE(next->backlog);
  EXPECT_EQ(next->rows, 16);  // the rows behind the cut cost the server as much as those before it
}

TEST(PollPlan, NoPartitionsMeansNoQuestion) {
  PollPlan plan;
  plan.begin_pass();
  EXPECT_FALSE(plan.next(plenty, 1000));
}

TEST(PollPlan, RoomAndPageBoundARequest) {
  PollPlan plan;
  plan.set_partitions({0, 1});
  plan.begin_pass();
  EXPECT_EQ(plan.next({70, 0}, 1000)->rows, 70);
  plan.begin_pass();
  EXPECT_EQ(plan.next({70, 0}, 50)->rows, 50);
  plan.begin_pass();
  EXPECT_EQ(plan.next(plenty, 5000)->rows_per_partition, 1000);
  plan.begin_pass();
  EXPECT_FALSE(plan.next({0, 0}, 1000));
}

TEST(PollPlan, ACutPageLeavesItsLastPartitionAndThoseAfterItBehind) {
  PollPlan plan;
  plan.set_partitions({0, 1, 2});
  plan.begin_pass();
  const auto first = plan.next(plenty, 3);
  ASSERT_EQ(first->partitions.size(), 3u);
  const int a = first->partitions[0];
  const int b = first->partitions[1];
  EXPECT_TRUE(plan.apply(*first, response("9:9:", {row(a, 5, 1), row(b, 5, 2), row(b, 6, 3)})));
  EXPECT_EQ(plan.behind(), 2u);

  plan.begin_pass();
  const auto further = plan.next(plenty, 3);  // those behind come first, towards the target they had
  EXPECT_TRUE(further->backlog);
  EXPECT_EQ(further->base, empty_snapshot);
  EXPECT_EQ(further->target, "9:9:");
  EXPECT_EQ(further->partitions.size(), 2u);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_NE(further->partitions[i], a);
    EXPECT_EQ(further->cursors[i], further->partitions[i] == b ? (Cursor{6, 3}) : Cursor{});
  }
  EXPECT_TRUE(plan.apply(*further, response("9:9:", {row(further->partitions[0], 7,
                                                         9)})));  // caught up with 9:9: only, which is old by now
  EXPECT_EQ(plan.behind(), 0u);
  const auto rest = plan.next(plenty, 3);
  EXPECT_EQ(rest->base, "9:9:");
  EXPECT_FALSE(rest->target);  // a target of old does not become the pass's
  EXPECT_EQ(rest->partitions, std::vector<int>{a});
}

TEST(PollPlan, ABacklogReadToItsEndIsAskedOnceMoreForWhatIsNewerThanItsTarget) {
  PollPlan plan;
  plan.set_partitions({0});
  plan.begin_pass();
  EXPECT_TRUE(plan.apply(*plan.next(plenty, 1), response("9:9:", {row(0, 5, 1)})));
  plan.begin_pass();
  const auto rest = plan.next(plenty, 10);
  EXPECT_EQ(rest->target, "9:9:");
  EXPECT_TRUE(plan.apply(*rest, response("9:9:")));
  plan.begin_pass();
  const auto fresh = plan.next(plenty, 10);
  EXPECT_FALSE(fresh->target);
  EXPECT_FALSE(plan.apply(*fresh, response("12:12:", {row(0, 11, 2)})));
}

TEST(PollPlan, AFullPartitionAloneIsBehindWhenThePageWasNot) {
  PollPlan plan;
  plan.set_partitions({0, 1});
  plan.begin_pass();
  auto request = plan.next(plenty, 1500);
  ASSERT_EQ(request->rows_per_partition, 1000);
  std::vector<Row> rows;
  for (int i = 1; i <= 1000; ++i) rows.push_back(row(request->partitions[0], 5, i));
  rows.push_back(row(request->partitions[1], 5, 5000));
  EXPECT_TRUE(plan.apply(*request, response("9:9:", rows)));
  EXPECT_EQ(plan.behind(), 1u);
  for (const auto& seen : plan.seen()) {
    const bool is_behind = seen.partition == request->partitions[0];
    EXPECT_EQ(seen.target, is_behind ? "9:9:" : empty_snapshot);
    EXPECT_EQ(seen.base, is_behind ? empty_snapshot : "9:9:");
    EXPECT_EQ(seen.cursor, is_behind ? (Cursor{5, 1000}) : Cursor{});
  }
}

TEST(PollPlan, ABacklogWithoutRoomWaitsAndTheOthersGoOn) {
  PollPlan plan;
  plan.set_partitions({0, 1});
  plan.begin_pass();
  auto request = plan.next(plenty, 1);
  plan.apply(*request, response("9:9:", {row(request->partitions[0], 5, 1)}));
  ASSERT_EQ(plan.behind(), 2u);
  plan.begin_pass();
  request = plan.next(plenty, 10);
  plan.apply(*request, response("9:9:"));
  ASSERT_EQ(plan.behind(), 0u);

  plan.begin_pass();
  request = plan.next(plenty, 2);
  plan.apply(*request, response("19:19:", {row(request->partitions[1], 15, 11), row(request->partitions[1], 15, 12)}));
  ASSERT_EQ(plan.behind(), 1u);
  plan.begin_pass();
  const auto other = plan.next({1000, 0}, 10);
  ASSERT_TRUE(other);
  EXPECT_FALSE(other->backlog);
  EXPECT_EQ(other->partitions, std::vector<int>{request->partitions[0]});
  EXPECT_FALSE(plan.next({1000, 1000}, 10));  // its turn has passed
}

TEST(PollPlan, GroupsOfOnePassShareATargetAndThenMerge) {
  PollPlan plan;
  plan.set_partitions({0});
  quiet_pass(plan, "10:10:");
  plan.set_partitions({0, 1, 2});
  plan.begin_pass();
  const auto old = plan.next(plenty, 100);
  EXPECT_EQ(old->base, "10:10:");
  EXPECT_FALSE(old->target);
  plan.apply(*old, response("20:20:"));
  const auto taken_over = plan.next(plenty, 100);
  EXPECT_EQ(taken_over->base, empty_snapshot);
  EXPECT_EQ(taken_over->target, "20:20:");
  EXPECT_FALSE(taken_over->backlog);
  plan.apply(*taken_over, response("20:20:"));
  EXPECT_FALSE(plan.next(plenty, 100));

  plan.begin_pass();
  const auto merged = plan.next(plenty, 100);
  EXPECT_EQ(merged->base, "20:20:");
  EXPECT_EQ(merged->partitions.size(), 3u);
}

TEST(PollPlan, ThoseBehindMergeByEqualTexts) {
  PollPlan plan;
  plan.set_partitions({0, 1});
  plan.begin_pass();
  auto request = plan.next(plenty, 1);
  plan.apply(*request, response("9:9:", {row(request->partitions[0], 5, 1)}));
  plan.begin_pass();
  request = plan.next(plenty, 1);
  EXPECT_EQ(request->partitions.size(), 2u);
  plan.apply(*request, response("9:9:", {row(request->partitions[0], 6, 2)}));
  plan.begin_pass();
  EXPECT_EQ(plan.next(plenty, 1)->partitions.size(), 2u);
}

TEST(PollPlan, APartitionLostAndTakenAgainMeanwhileIsNotMoved) {
  PollPlan plan;
  plan.set_partitions({0, 1, 2});
  plan.begin_pass();
  const auto request = plan.next(plenty, 100);
  plan.set_partitions({0, 2});
  plan.set_partitions({0, 1});
  plan.apply(*request, response("9:9:"));
  const auto seen = plan.seen();
  ASSERT_EQ(seen.size(), 2u);
  EXPECT_EQ(seen[0].base, "9:9:");
  EXPECT_EQ(seen[1].base, empty_snapshot);  // what was read for it may have been dropped with it
}

TEST(PollPlan, ARestartReadsEverythingAgainAndIgnoresOldAnswers) {
  PollPlan plan;
  plan.set_partitions({0, 1});
  quiet_pass(plan, "10:10:");
  plan.begin_pass();
  const auto old = plan.next(plenty, 100);
  plan.restart();
  plan.apply(*old, response("20:20:"));
  for (const auto& seen : plan.seen()) EXPECT_EQ(seen.base, empty_snapshot);
  EXPECT_EQ(plan.next(plenty, 100)->base, empty_snapshot);
}

TEST(PollPlan, ATimeoutHalvesWhatIsAskedAtOnceUntilItSucceeds) {
  PollPlan plan;
  plan.set_partitions({0, 1, 2, 3, 4, 5, 6, 7});
  const auto sizes = [&plan](const std::string& snapshot) {
    std::vector<std::size_t> found;
    plan.begin_pass();
    while (const auto request = plan.next(plenty, 1000)) {
      found.push_back(request->partitions.size());
      plan.apply(*request, response(request->target.value_or(snapshot)));
    }
    return found;
  };
  EXPECT_EQ(sizes("10:20:"), std::vector<std::size_t>{8});
  for (int i = 0; i < 2; ++i) plan.timed_out();
  EXPECT_EQ(sizes("20:30:"), (std::vector<std::size_t>{2, 4, 2}));  // every partition is asked in one pass all the same
  for (const auto& seen : plan.seen()) EXPECT_EQ(seen.base, "20:30:");
  for (int i = 0; i < 9; ++i) plan.timed_out();
  EXPECT_EQ(sizes("30:40:").front(), 1u);
  EXPECT_EQ(sizes("40:50:"), std::vector<std::size_t>{8});
}

TEST(PollPlan, RowsThatDoNotAscendAreAFault) {
  PollPlan plan;
  plan.set_partitions({0, 1});
  plan.begin_pass();
  const auto request = plan.next(plenty, 100);
  EXPECT_THROW(plan.apply(*request, response("9:9:", {row(0, 5, 2), row(0, 5, 1)})), std::logic_error);
  EXPECT_THROW(plan.apply(*request, response("9:9:", {row(0, 5, 2), row(0, 5, 2)})), std::logic_error);
  EXPECT_THROW(plan.apply(*request, response("9:9:", {row(0, 6, 1), row(0, 5, 2)})), std::logic_error);
  EXPECT_NO_THROW(plan.apply(*request, response("9:9:", {row(0, 5, 9), row(0, 6, 1), row(1, 2, 1)})));
}

/// A table whose rows become visible in another order than that of their xids, and the poll's statement over it.
class FakeServer {
 public:
  void commit(int partition, std::uint64_t xid, std::int64_t id) {
    rows_.push_back({row(partition, xid, id), ++clock_});
  }
  PollResult response(const PollRequest& request) const {
    const int base = request.base == empty_snapshot ? 0 : std::stoi(request.base);
    const int target = request.target ? std::stoi(*request.target) : clock_;
    PollResult response;
    response.snapshot = std::to_string(target);
    for (std::size_t i = 0; i < request.partitions.size(); ++i) {
      std::map<std::pair<std::uint64_t, std::int64_t>, Row> found;
      for (const auto& [row, committed] : rows_) {
        const std::pair at{row.xid, row.id};
        const bool after = at > std::pair{request.cursors[i].xid, request.cursors[i].id};
        if (row.partition == request.partitions[i] && committed > base && committed <= target && after)
          found.emplace(at, row);
      }
      int left = request.rows_per_partition;
      for (auto it = found.begin();
           it != found.end() && left-- > 0 && static_cast<int>(response.rows.size()) < request.rows; ++it)
        response.rows.push_back(it->second);
    }
    return response;
  }

 private:
  std::vector<std::pair<Row, int>> rows_;
  int clock_ = 0;
};

TEST(PollPlan, PagesOverABacklogWithLateCommitsMissNothingAndRepeatNothing) {
  std::minstd_rand random(42);
  FakeServer server;
  PollPlan plan;
  plan.set_partitions({0, 1, 2, 3, 4});
  std::int64_t ids = 0;
  std::set<std::int64_t> seen;
  const auto commit_some = [&](int rows) {
    for (int i = 0; i < rows; ++i) {
      const int partition = random() % 3 == 0 ? static_cast<int>(random() % 5) : 2;  // one is hot
      const std::uint64_t xid = 1000 + static_cast<std::uint64_t>(ids) - random() % 300;
      server.commit(partition, xid, ++ids);
    }
  };
  commit_some(700);
  int pages = 0;
  for (int pass = 0; pass < 400; ++pass) {
    plan.begin_pass();
    while (const auto request = plan.next(plenty, 7 + static_cast<int>(random() % 20))) {
      if (pass < 100) commit_some(static_cast<int>(random() % 5));
      const auto response = server.response(*request);
      plan.apply(*request, response);
      ++pages;
      for (const auto& row : response.rows) ASSERT_TRUE(seen.insert(row.id).second) << "repeated " << row.id;
    }
  }
  EXPECT_GE(pages, 10);
  EXPECT_EQ(plan.behind(), 0u);
  EXPECT_EQ(seen.size(), static_cast<std::size_t>(ids));
}

}  // namespace
}  // namespace prompted::mqreader
