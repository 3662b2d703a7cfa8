#pragma once
// Decides which partitions a reader releases and which it claims. Live readers with overlapping ranges share them
// evenly, and no partition moves while nothing changes (docs/queue.md). A plain decision over what one heartbeat read.
#include <cstdint>
#include <optional>
#include <random>
#include <vector>

#include "base/uuid.hpp"

namespace prompted::mqreader {

struct LiveReader {
  base::Uuid id;
  int first_partition = 0;  ///< the range that it may own, both ends included
  int last_partition = 0;
  std::string address;     ///< where it takes forwarded acks
  std::string expires;     ///< changes with each of its heartbeats
  double ttl_seconds = 0;  ///< 0: not known
};

/// What a heartbeat saw.
struct OwnershipView {
  bool alive = false;                             ///< this reader's row was renewed; if not, all is lost
  std::vector<LiveReader> readers;                ///< not expired, including this one, ascending by id
  std::vector<std::optional<base::Uuid>> owners;  ///< by partition
};

struct ShareDecision {
  std::vector<int> give;
  std::vector<int> claim;
};

class SharePlan {
 public:
  explicit SharePlan(int partition_count) : free_ticks_(static_cast<std::size_t>(partition_count)) {}

  /// Decides once per tick. Partitions are divided into segments whose partitions the same readers may own. In each, a
  /// reader's quota is length / k, plus one for the first (length mod k) ranks, rotated by segment. Above quota it
  /// releases what others lack; below, it claims free partitions. Above quota it also claims partitions that stayed
  /// free for two ticks (a frozen reader keeps its quota until it expires).
  ShareDecision decide(const OwnershipView& view, const base::Uuid& me);

  /// Number of partitions that no live reader may own. Their rows wait until one may.
  std::size_t orphaned() const { return orphaned_; }

 private:
  struct Segment {
    int first = 0;
    int last = 0;
    std::vector<std::size_t> eligible;  ///< indexes of view.readers
  };
  std::vector<Segment> segments(const OwnershipView& view) const;
  void decide_segment(const OwnershipView& view, const Segment& segment, std::size_t number, const base::Uuid& me,
                      ShareDecision& decision);
  static int quota_of(const Segment& segment, std::size_t number, int rank);
  static int lacking_elsewhere(const OwnershipView& view, const Segment& segment, std::size_t number,
                               const base::Uuid& me);
  void count_free(const OwnershipView& view);

  std::vector<int> free_ticks_;  ///< for how many ticks each partition has been free
  std::size_t orphaned_ = 0;
  std::minstd_rand random_{std::random_device{}()};
};

/// Returns the quota of the reader with this rank among k that share `length` partitions.
int share_of(int length, int k, int rank, std::size_t segment);

}  // namespace prompted::mqreader
