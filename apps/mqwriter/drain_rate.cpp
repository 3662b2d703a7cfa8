#include "mqwriter/drain_rate.hpp"

#include <algorithm>
#include <cmath>

namespace prompted::mqwriter {

void DrainRate::committed(std::size_t messages, base::TimePoint now) {
  if (window_start_ == base::TimePoint{}) window_start_ = now;
  in_window_ += messages;
  const double seconds = std::chrono::duration<double>(now - window_start_).count();
  if (seconds < 0.2) return;
  const double current = static_cast<double>(in_window_) / seconds;
  const double weight = rate_ == 0 ? 1.0 : 1.0 - std::exp(-seconds / 5.0);
  rate_ += (current - rate_) * weight;
  in_window_ = 0;
  window_start_ = now;
}

std::chrono::seconds DrainRate::time_for(std::size_t messages) const {
  if (rate_ <= 0) return std::chrono::seconds(5);
  const double seconds = std::ceil(static_cast<double>(messages) / rate_);
  return std::chrono::seconds(static_cast<int>(std::clamp(seconds, 1.0, 30.0)));
}

}  // namespace prompted::mqwriter
