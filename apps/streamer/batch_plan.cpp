#include "streamer/batch_plan.hpp"

namespace prompted::streamer {

BatchPlan::BatchPlan(std::size_t rows, base::Uuid key) : waiting_(rows), key_(key), sent_(rows, false) {}

BatchPlan::Part BatchPlan::part() const {
  const auto range = waiting_.next();
  return {range.first, range.size(), base::add_to_node(key_, range.first)};
}

void BatchPlan::accepted() {
  const auto range = waiting_.accepted();
  for (auto row = range.first; row < range.last; ++row) sent_[row] = true;
}

bool BatchPlan::rejected() { return waiting_.refused().has_value(); }

}  // namespace prompted::streamer
