#include "mqreader/ownership/share_plan.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

namespace prompted::mqreader {
namespace {

base::Uuid reader_id(int n) {
  base::Uuid id;
  id.bytes[0] = static_cast<std::uint8_t>(n);
  return id;
}

/// Owners of partitions, and the readers that send heartbeats in turn: docs/queue.md, "Ownership".
class Cluster {
 public:
  explicit Cluster(int partitions) : owners_(static_cast<std::size_t>(partitions)) {}

  void join(int n, int lo, int hi) {
    readers_.push_back({reader_id(n), lo, hi, "http://reader-" + std::to_string(n), ""});
    std::sort(readers_.begin(), readers_.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
    plans_.emplace(n, SharePlan(static_cast<int>(owners_.size())));
  }
  /// Its row was deleted: the foreign key frees its partitions.
  void leave(int n) {
    std::erase_if(readers_, [n](const auto& reader) { return reader.id == reader_id(n); });
    for (auto& owner : owners_)
      if (owner == reader_id(n)) owner.reset();
    plans_.erase(n);
  }
  void freeze(int n) { frozen_.insert(n); }

  /// One tick of every reader; the number of partitions that changed hands.
  int tick() {
    int moved = 0;
    for (auto& [n, plan] : plans_) {
      if (frozen_.contains(n)) continue;
      OwnershipView view;
      view.alive = true;
      view.readers = readers_;
      view.owners = owners_;
      const auto decision = plan.decide(view, reader_id(n));
      for (int key : decision.give) {
        EXPECT_EQ(owners_[static_cast<std::size_t>(key)], reader_id(n));
        owners_[static_cast<std::size_t>(key)].reset();
        ++moved;
      }
      for (int key : decision.claim) {
        auto& owner = owners_[static_cast<std::size_t>(key)];
        if (owner) continue;  // somebody was quicker: SKIP LOCKED
        owner = reader_id(n);
        ++moved;
      }
    }
    return moved;
  }
  void settle() {
    for (int i = 0; i < 10; ++i) tick();
  }
  std::vector<int> counts() const {
    std::vector<int> counts;
    for (const auto& reader : readers_)
      counts.push_back(static_cast<int>(std::count(owners_.begin(), owners_.end(), std::optional(reader.id))));
    return counts;
  }
  int free() const { return static_cast<int>(std::count(owners_.begin(), owners_.end(), std::nullopt)); }
  SharePlan& plan(int n) { return plans_.at(n); }

 private:
  std::vector<std::optional<base::Uuid>> owners_;
  std::vector<LiveReader> readers_;
  std::map<int, SharePlan> plans_;
  std::set<int> frozen_;
};

TEST(SharePlan, OneReaderOwnsAllAfterItsFirstTick) {
  Cluster cluster(256);
  cluster.join(1, 0, 255);
  cluster.tick();
  EXPECT_EQ(cluster.counts(), (std::vector<int>{256}));
}

TEST(SharePlan, ThreeReadersShareEvenlyAndNobodyMovesAfterwards) {
  Cluster cluster(256);
  cluster.join(1, 0, 255);
  cluster.settle();
  cluster.join(2, 0, 255);
  cluster.join(3, 0, 255);
  cluster.settle();
  EXPECT_EQ(cluster.counts(), (std::vector<int>{86, 85, 85}));
  for (int i = 0; i < 20; ++i) EXPECT_EQ(cluster.tick(), 0);
}

TEST(SharePlan, OneThatGoesIsReplacedAndOneThatComesGetsItsShare) {
  Cluster cluster(256);
  for (int n = 1; n <= 3; ++n) cluster.join(n, 0, 255);
  cluster.settle();
  cluster.leave(2);
  cluster.settle();
  EXPECT_EQ(cluster.counts(), (std::vector<int>{128, 128}));
  cluster.join(4, 0, 255);
  cluster.join(5, 0, 255);
  cluster.settle();
  EXPECT_EQ(cluster.counts(), (std::vector<int>{64, 64, 64, 64}));
  EXPECT_EQ(cluster.free(), 0);
}

TEST(SharePlan, DisjointRangesStayStatic) {
  Cluster cluster(256);
  cluster.join(1, 0, 127);
  cluster.join(2, 128, 255);
  cluster.tick();
  EXPECT_EQ(cluster.counts(), (std::vector<int>{128, 128}));
  EXPECT_EQ(cluster.tick(), 0);
}

TEST(SharePlan, OverlappingRangesShareWhatTheyHaveInCommon) {
  Cluster cluster(256);
  cluster.join(1, 0, 127);
  cluster.join(2, 128, 255);
  cluster.settle();
  cluster.join(3, 0, 255);
  cluster.settle();
  EXPECT_EQ(cluster.counts(), (std::vector<int>{64, 64, 128}));
}

TEST(SharePlan, APartitionThatNobodyMayOwnStaysFreeAndIsCounted) {
  Cluster cluster(256);
  cluster.join(1, 0, 99);
  cluster.settle();
  EXPECT_EQ(cluster.free(), 156);
  EXPECT_EQ(cluster.plan(1).orphaned(), 156u);
}

TEST(SharePlan, WhatAFrozenReaderDoesNotClaimIsTakenByOthersAfterTwoTicks) {
  Cluster cluster(256);
  cluster.join(1, 0, 255);
  cluster.join(2, 0, 255);
  cluster.freeze(2);
  cluster.tick();
  EXPECT_EQ(cluster.counts(), (std::vector<int>{128, 0}));
  cluster.tick();
  cluster.tick();
  EXPECT_EQ(cluster.counts(), (std::vector<int>{256, 0}));
}

TEST(SharePlan, AnEmptyViewOwnsNothing) {
  SharePlan plan(256);
  OwnershipView view;
  view.alive = true;
  view.owners.resize(256);
  const auto decision = plan.decide(view, reader_id(1));
  EXPECT_TRUE(decision.claim.empty());
  EXPECT_TRUE(decision.give.empty());
}

}  // namespace
}  // namespace prompted::mqreader
