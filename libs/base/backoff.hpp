#pragma once
// Jittered exponential back-off, without clock or timer.
#include <chrono>
#include <random>

namespace prompted::base {

class Backoff {
 public:
  Backoff(std::chrono::milliseconds first, std::chrono::milliseconds most);

  /// The wait before the next try: uniform between half and all of first·2ⁿ, capped at `most`.
  std::chrono::milliseconds next();
  /// Call after a success.
  void reset() { failures_ = 0; }
  /// Failures since the last success. Log the change from 0 to 1 only.
  int failures() const { return failures_; }

 private:
  std::chrono::milliseconds first_;
  std::chrono::milliseconds most_;
  int failures_ = 0;
  std::minstd_rand random_{std::random_device{}()};
};

}  // namespace prompted::base
