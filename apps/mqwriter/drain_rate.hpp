#pragma once
// How fast messages leave the buffer, for Retry-After. Plain; time is an argument.
#include <chrono>
#include <cstddef>

#include "base/clock.hpp"

namespace prompted::mqwriter {

class DrainRate {
 public:
  void committed(std::size_t messages, base::TimePoint now);
  /// Messages a second, smoothed over about five seconds; 0 before the first commit.
  double per_second() const { return rate_; }
  /// Whole seconds until `messages` have left at that rate: 1..30.
  std::chrono::seconds time_for(std::size_t messages) const;

 private:
  double rate_ = 0;
  std::size_t in_window_ = 0;
  base::TimePoint window_start_{};
};

}  // namespace prompted::mqwriter
