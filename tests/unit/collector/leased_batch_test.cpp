#include "collector/leased_batch.hpp"

#include <gtest/gtest.h>

#include <set>

namespace prompted::collector {
namespace {

base::Uuid uuid(int n) { return base::add_to_node(base::Uuid{}, static_cast<std::uint64_t>(n)); }

models::LeaseResponse lease(int rows) {
  models::LeaseResponse response;
  for (int i = 0; i < rows; ++i) {
    models::TelemetryRow row;
    row.uuid = uuid(i);
    response.rows.push_back(row);
  }
  return response;
}

/// Simulates a PostgreSQL that rejects any statement with one of the `bad` rows; returns the number of statements.
int run(LeasedBatch& batch, const std::set<int>& bad, std::vector<base::Uuid>& stored) {
  int statements = 0;
  for (; !batch.done(); ++statements) {
    bool refused = false;
    for (const auto& row : batch.next()) {
      for (int n : bad) refused = refused || row.uuid == uuid(n);
    }
    if (!refused) {
      for (const auto& row : batch.next()) stored.push_back(row.uuid);
    }
    refused ? batch.refused("22P02") : batch.inserted();
  }
  return statements;
}

TEST(LeasedBatch, GoodRowsAreOneStatement) {
  LeasedBatch batch(lease(100));
  std::vector<base::Uuid> stored;
  EXPECT_EQ(run(batch, {}, stored), 1);
  EXPECT_EQ(stored.size(), 100u);
  EXPECT_TRUE(batch.poison().empty());
  EXPECT_EQ(batch.persisted(), stored);
}

TEST(LeasedBatch, OneBadRowIsFoundByHalving) {
  for (int bad = 0; bad < 100; ++bad) {
    LeasedBatch batch(lease(100));
    std::vector<base::Uuid> stored;
    EXPECT_LE(run(batch, {bad}, stored), 15);
    ASSERT_EQ(batch.poison().size(), 1u);
    EXPECT_EQ(batch.poison()[0].msg_uuid, uuid(bad));
    EXPECT_EQ(batch.poison()[0].verdict.reason, "22P02");
    EXPECT_EQ(stored.size(), 99u);
    EXPECT_EQ(batch.persisted(), stored);
  }
}

TEST(LeasedBatch, OnlyBadRows) {
  LeasedBatch batch(lease(5));
  std::vector<base::Uuid> stored;
  run(batch, {0, 1, 2, 3, 4}, stored);
  EXPECT_EQ(batch.poison().size(), 5u);
  EXPECT_TRUE(batch.persisted().empty());
}

/// Simulates a PostgreSQL in which statements with a `bad` row fail for a reason that may be the row's; returns the
/// rounds until a conclusion.
int run_failing(LeasedBatch& batch, const std::set<int>& bad, int most_rounds) {
  for (int round = 1; round <= most_rounds; ++round) {
    while (!batch.done()) {
      bool fails = false;
      for (const auto& row : batch.next())
        for (int n : bad) fails = fails || row.uuid == uuid(n);
      fails ? batch.failed("P0001") : batch.inserted();
    }
    if (batch.conclude()) return round;
  }
  return most_rounds + 1;
}

TEST(LeasedBatch, ARowThatFailsWhileOthersPassIsRejectedAloneAndNotForGood) {
  for (const int bad : {0, 1, 41, 99}) {
    LeasedBatch batch(lease(100));
    EXPECT_LE(run_failing(batch, {bad}, 5), 2);
    ASSERT_EQ(batch.poison().size(), 1u);
    EXPECT_EQ(batch.poison()[0].msg_uuid, uuid(bad));
    EXPECT_FALSE(batch.poison()[0].verdict.dead);
    EXPECT_FALSE(batch.all_dead());
    EXPECT_EQ(batch.persisted().size(), 99u);
  }
}

TEST(LeasedBatch, WhenEveryRowFailsNothingIsRejected) {
  LeasedBatch batch(lease(5));
  EXPECT_EQ(run_failing(batch, {0, 1, 2, 3, 4}, 3), 4);
  EXPECT_TRUE(batch.poison().empty());
  EXPECT_EQ(batch.next().size(), 5u) << "one statement again";
  EXPECT_EQ(run_failing(batch, {}, 1), 1);
  EXPECT_EQ(batch.persisted().size(), 5u);
}

TEST(LeasedBatch, WhatFailedBeforeAnyWasInsertedIsTriedOnceMore) {
  LeasedBatch batch(lease(4));
  batch.failed("P0001");                         // 0..3
  batch.failed("P0001");                         // 0, 1
  batch.failed("P0001");                         // 0
  for (int i = 0; i < 2; ++i) batch.inserted();  // 1; 2, 3: the outage has ended
  EXPECT_TRUE(batch.done());
  EXPECT_FALSE(batch.conclude());
  ASSERT_EQ(batch.next().size(), 1u);
  EXPECT_EQ(batch.next()[0].uuid, uuid(0));
  batch.inserted();
  EXPECT_TRUE(batch.conclude());
  EXPECT_TRUE(batch.poison().empty());
}

TEST(LeasedBatch, AnotherContentInTheHistoryIsADeadLetterOfItsOwnKind) {
  LeasedBatch batch(lease(3));
  batch.inserted({uuid(1)});
  ASSERT_EQ(batch.poison().size(), 1u);
  EXPECT_TRUE(batch.poison()[0].verdict.dead && batch.poison()[0].verdict.in_history);
  EXPECT_EQ(batch.persisted(), (std::vector<base::Uuid>{uuid(0), uuid(2)}));
}

TEST(LeasedBatch, UnparsedMessagesAreDoneFromTheStart) {
  models::LeaseResponse response;
  response.poison.emplace_back(uuid(7), "value: must be a number or null");
  LeasedBatch batch(std::move(response));
  EXPECT_TRUE(batch.done());
  EXPECT_EQ(batch.messages(), 1u);
  EXPECT_EQ(batch.poison().size(), 1u);
}

TEST(LeasedBatch, PoisonIsGroupedByReason) {
  std::vector<models::Poison> poison;
  poison.emplace_back(uuid(1), "a");
  poison.emplace_back(uuid(2), "b");
  poison.emplace_back(uuid(3), "a");
  const auto groups = by_verdict(poison);
  ASSERT_EQ(groups.size(), 2u);
  EXPECT_EQ(groups.at(models::NackVerdict{"a", true, true}), (std::vector<base::Uuid>{uuid(1), uuid(3)}));
}

TEST(LeasedBatch, LongReasonsAreCutBetweenCharacters) {
  std::vector<models::Poison> poison;
  poison.emplace_back(uuid(1), "xä");
  EXPECT_EQ(by_verdict(poison, 2).begin()->first.reason, "x");
  EXPECT_EQ(by_verdict(poison, 3).begin()->first.reason, "xä");
}

}  // namespace
}  // namespace prompted::collector
