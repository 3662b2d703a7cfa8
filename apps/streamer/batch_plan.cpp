#include "streamer/batch_plan.hpp"

namespace prompted::streamer {

BatchPlan::BatchPlan(std::size_t rows, base::Uuid key) : sent_(rows, false) {
  if (rows > 0) waiting_.push_back(Part{0, rows, key});
}

void BatchPlan::accepted() {
  const Part part = waiting_.back();
  waiting_.pop_back();
  for (std::size_t i = 0; i < part.count; ++i) sent_[part.first + i] = true;
}

bool BatchPlan::rejected() {
  const Part part = waiting_.back();
  waiting_.pop_back();
  if (part.count == 1) return true;
  const std::size_t half = part.count / 2;
  waiting_.push_back(Part{part.first + half, part.count - half, base::add_to_node(part.key, half)});
  waiting_.push_back(Part{part.first, half, part.key});
  return false;
}

}  // namespace prompted::streamer
