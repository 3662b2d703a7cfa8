#include "mqreader/ownership/share_plan.hpp"

#include <algorithm>

namespace prompted::mqreader {

namespace {
constexpr int ticks_until_anyone_may_claim = 2;
}

int share_of(int length, int k, int rank, std::size_t segment) {
  const int rotated = static_cast<int>((static_cast<std::size_t>(rank) + segment) % static_cast<std::size_t>(k));
  return length / k + (rotated < length % k ? 1 : 0);
}

void SharePlan::count_free(const OwnershipView& view) {
  for (std::size_t key = 0; key < free_ticks_.size(); ++key) {
    const bool owned = key < view.owners.size() && view.owners[key].has_value();
    free_ticks_[key] = owned ? 0 : free_ticks_[key] + 1;
  }
}

std::vector<SharePlan::Segment> SharePlan::segments(const OwnershipView& view) const {
  std::vector<Segment> all;
  for (int key = 0; key < static_cast<int>(free_ticks_.size()); ++key) {
    std::vector<std::size_t> eligible;
    for (std::size_t i = 0; i < view.readers.size(); ++i)
      if (view.readers[i].first_partition <= key && key <= view.readers[i].last_partition) eligible.push_back(i);
    if (!all.empty() && all.back().eligible == eligible) all.back().last = key;
    else all.push_back({key, key, std::move(eligible)});
  }
  return all;
}

int SharePlan::quota_of(const Segment& segment, std::size_t number, int rank) {
  return share_of(segment.last - segment.first + 1, static_cast<int>(segment.eligible.size()), rank, number);
}

int SharePlan::lacking_elsewhere(const OwnershipView& view, const Segment& segment, std::size_t number,
                                 const base::Uuid& me) {
  int lacking = 0;
  for (std::size_t rank = 0; rank < segment.eligible.size(); ++rank) {
    const auto& reader = view.readers[segment.eligible[rank]];
    if (reader.id == me) continue;
    const auto owned = std::count(view.owners.begin() + segment.first, view.owners.begin() + segment.last + 1,
                                  std::optional(reader.id));
    lacking += std::max(0, quota_of(segment, number, static_cast<int>(rank)) - static_cast<int>(owned));
  }
  return lacking;
}

ShareDecision SharePlan::decide(const OwnershipView& view, const base::Uuid& me) {
  count_free(view);
  ShareDecision decision;
  orphaned_ = 0;
  const auto cut = segments(view);
  for (std::size_t number = 0; number < cut.size(); ++number) {
    if (cut[number].eligible.empty()) orphaned_ += static_cast<std::size_t>(cut[number].last - cut[number].first + 1);
    decide_segment(view, cut[number], number, me, decision);
  }
  return decision;
}

void SharePlan::decide_segment(const OwnershipView& view, const Segment& segment, std::size_t number,
                               const base::Uuid& me, ShareDecision& decision) {
  const auto mine =
      std::find_if(segment.eligible.begin(), segment.eligible.end(), [&](auto i) { return view.readers[i].id == me; });
  const bool may_own = mine != segment.eligible.end();
  std::vector<int> owned;
  std::vector<int> free;
  for (int key = segment.first; key <= segment.last; ++key) {
    const auto& owner = view.owners[static_cast<std::size_t>(key)];
    if (!owner) free.push_back(key);
    else if (*owner == me) owned.push_back(key);
  }
  const int quota = may_own ? quota_of(segment, number, static_cast<int>(mine - segment.eligible.begin())) : 0;
  const int surplus = static_cast<int>(owned.size()) - quota;
  if (surplus > 0) {
    // Only as many as others lack beyond what is already free: any more would return here and move for nothing.
    const int lacking = std::max(0, lacking_elsewhere(view, segment, number, me) - static_cast<int>(free.size()));
    const int give = std::min(surplus, lacking);
    decision.give.insert(decision.give.end(), owned.end() - give, owned.end());
  }
  if (!may_own) return;
  std::shuffle(free.begin(), free.end(), random_);  // readers that claim at once want different ones
  int deficit = -surplus;
  for (int key : free) {
    const bool left_over = free_ticks_[static_cast<std::size_t>(key)] > ticks_until_anyone_may_claim;
    if (deficit <= 0 && !left_over) continue;
    decision.claim.push_back(key);
    --deficit;
  }
}

}  // namespace prompted::mqreader
