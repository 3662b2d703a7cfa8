#include "mqreader/lease/memory_budget.hpp"

#include <algorithm>
#include <utility>

namespace prompted::mqreader {

namespace {

std::int64_t part(std::int64_t total, std::size_t topics) {
  return std::max<std::int64_t>(1, total / (2 * static_cast<std::int64_t>(topics)));
}

}  // namespace

MemoryBudget::MemoryBudget(Memory total, std::size_t most_topics) : total_(total) {
  const auto topics = static_cast<std::int64_t>(most_topics);
  guaranteed_ = {part(total.messages, most_topics), part(total.bytes, most_topics)};
  common_ = {std::max<std::int64_t>(0, total.messages - topics * guaranteed_.messages),
             std::max<std::int64_t>(0, total.bytes - topics * guaranteed_.bytes)};
}

Memory MemoryBudget::used() const {
  owner_thread_.check();
  Memory sum;
  for (const MemoryShare* share : shares_) {
    const Memory held = share->holder_.held();
    sum.messages += held.messages;
    sum.bytes += held.bytes;
  }
  return sum;
}

bool MemoryBudget::lacks_room() const {
  owner_thread_.check();
  return std::any_of(shares_.begin(), shares_.end(), [](const MemoryShare* share) { return share->wants_; });
}

MemoryShare::MemoryShare(std::shared_ptr<MemoryBudget> budget, MemoryHolder& holder)
    : budget_(std::move(budget)), holder_(holder) {
  budget_->shares_.push_back(this);
}

MemoryShare::~MemoryShare() { std::erase(budget_->shares_, this); }

Memory MemoryShare::above_guarantee() const {
  const Memory held = holder_.held();
  return {std::max<std::int64_t>(0, held.messages - budget_->guaranteed_.messages),
          std::max<std::int64_t>(0, held.bytes - budget_->guaranteed_.bytes)};
}

/// Whether there is room for a page that is worth a statement. Less room waits for the next regular poll.
bool MemoryShare::has_room() const {
  constexpr std::int64_t worth = 8;
  const Memory limit = this->limit();
  const Memory held = holder_.held();
  return limit.messages - held.messages >= limit.messages / worth && limit.bytes - held.bytes >= limit.bytes / worth;
}

Memory MemoryShare::limit() const {
  budget_->owner_thread_.check();
  Memory left = budget_->common_;  // by the others
  std::int64_t dividing = 1;
  for (const MemoryShare* share : budget_->shares_) {
    if (share == this) continue;
    const Memory above = share->above_guarantee();
    left.messages -= above.messages;
    left.bytes -= above.bytes;
    if (share->wants_ || above.messages > 0 || above.bytes > 0) ++dividing;
  }
  const Memory even{budget_->common_.messages / dividing, budget_->common_.bytes / dividing};
  return {budget_->guaranteed_.messages + std::max<std::int64_t>(0, std::min(left.messages, even.messages)),
          budget_->guaranteed_.bytes + std::max<std::int64_t>(0, std::min(left.bytes, even.bytes))};
}

void MemoryShare::freed() const {
  budget_->owner_thread_.check();
  for (const MemoryShare* share : budget_->shares_)
    if (share->wants_ && share->has_room()) share->holder_.room_freed();
}

}  // namespace prompted::mqreader
