#include "base/backoff.hpp"

#include <algorithm>

namespace prompted::base {

Backoff::Backoff(std::chrono::milliseconds first, std::chrono::milliseconds most) : first_(first), most_(most) {}

std::chrono::milliseconds Backoff::next() {
  std::chrono::milliseconds whole = first_;
  for (int i = 0; i < failures_ && whole < most_; ++i) whole *= 2;
  whole = std::min(whole, most_);
  ++failures_;
  std::uniform_int_distribution<std::int64_t> between(whole.count() / 2, whole.count());
  return std::chrono::milliseconds{between(random_)};
}

}  // namespace prompted::base
