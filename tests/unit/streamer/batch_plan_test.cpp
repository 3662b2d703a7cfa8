#include "streamer/batch_plan.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "streamer/writers.hpp"

namespace prompted::streamer {
namespace {

using namespace std::chrono_literals;

const base::Uuid key = *base::parse_uuid("0190a0b0-0000-7000-8000-fffffffffffe");  // the halves wrap around

// Simulates a mqwriter that rejects every part with a bad row; returns the number of parts sent.
int play(std::size_t rows, const std::set<std::size_t>& bad, std::set<std::size_t>& skipped,
         std::map<std::size_t, base::Uuid>& ids) {
  BatchPlan plan(rows, key);
  int parts = 0;
  while (!plan.done()) {
    const BatchPlan::Part part = plan.part();
    ++parts;
    const auto hit = bad.lower_bound(part.first);
    if (hit != bad.end() && *hit < part.first + part.count) {
      if (plan.rejected()) skipped.insert(part.first);
      continue;
    }
    for (std::size_t i = 0; i < part.count; ++i) ids[part.first + i] = base::add_to_node(part.key, i);
    plan.accepted();
  }
  for (std::size_t row = 0; row < rows; ++row) EXPECT_EQ(plan.sent()[row], !bad.contains(row));
  return parts;
}

TEST(BatchPlan, GoodBatchGoesAtOnce) {
  std::set<std::size_t> skipped;
  std::map<std::size_t, base::Uuid> ids;
  EXPECT_EQ(play(500, {}, skipped, ids), 1);
  EXPECT_TRUE(skipped.empty());
}

TEST(BatchPlan, FindsTheBadRowsAndKeepsEveryMessagesId) {
  for (const std::set<std::size_t>& bad : std::vector<std::set<std::size_t>>{{0}, {6}, {3, 4}, {0, 1, 2, 3, 4, 5, 6}}) {
    std::set<std::size_t> skipped;
    std::map<std::size_t, base::Uuid> ids;
    play(7, bad, skipped, ids);
    EXPECT_EQ(skipped, bad);
    EXPECT_EQ(ids.size(), 7 - bad.size());
    for (const auto& [row, id] : ids) EXPECT_EQ(id, base::add_to_node(key, row)) << row;
  }
}

TEST(BatchPlan, OneBadRowCostsTwoPartsALevel) {
  std::set<std::size_t> skipped;
  std::map<std::size_t, base::Uuid> ids;
  EXPECT_LE(play(10000, {4711}, skipped, ids), 2 * 14 + 1);
}

http::Endpoint endpoint(const std::string& address) {
  http::Endpoint made;
  made.url.host = "mqwriter";
  made.url.port = 8084;
  made.address = address;
  return made;
}

TEST(Writers, GoesRoundAndLeavesOutTheDead) {
  Writers writers;
  const base::TimePoint now = base::Clock::now();
  EXPECT_FALSE(writers.pick(now));
  writers.update({endpoint("10.0.0.1"), endpoint("10.0.0.2")});
  EXPECT_EQ(writers.pick(now)->address, "10.0.0.1");
  EXPECT_EQ(writers.pick(now)->address, "10.0.0.2");
  writers.failed(endpoint("10.0.0.1"), now, 0s);
  EXPECT_EQ(writers.pick(now)->address, "10.0.0.2");
  EXPECT_EQ(writers.pick(now)->address, "10.0.0.2");
  EXPECT_LE(writers.ready_at(), now);
  std::set<std::string> later;
  for (int i = 0; i < 2; ++i) later.insert(writers.pick(now + 10s)->address);
  EXPECT_EQ(later.size(), 2u);
}

TEST(Writers, HonoursRetryAfterAndForgetsAfterSuccess) {
  Writers writers;
  const base::TimePoint now = base::Clock::now();
  writers.update({endpoint("10.0.0.1")});
  writers.failed(endpoint("10.0.0.1"), now, 7s);
  EXPECT_FALSE(writers.pick(now + 6999ms));
  EXPECT_GE(writers.ready_at(), now + 7s);
  writers.update({endpoint("10.0.0.1")});  // looked up again: still left out
  EXPECT_FALSE(writers.pick(now + 6999ms));
  writers.succeeded(endpoint("10.0.0.1"));
  EXPECT_TRUE(writers.pick(now));
}

}  // namespace
}  // namespace prompted::streamer
