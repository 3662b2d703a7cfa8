#pragma once
// Jittered exponential back-off: a plain decision, no clock, no timer.
#include <chrono>
#include <random>

namespace prompted::base {

class Backoff {
 public:
  Backoff(std::chrono::milliseconds first, std::chrono::milliseconds most);

  /// How long to wait before the next try: uniformly between half and all of first·2ⁿ, at most `most`.
  std::chrono::milliseconds next();
  /// After a success.
  void reset() { failures_ = 0; }
  /// Failures since the last success; 0 → 1 is the state change that is worth a log line.
  int failures() const { return failures_; }

 private:
  std::chrono::milliseconds first_;
  std::chrono::milliseconds most_;
  int failures_ = 0;
  std::minstd_rand random_{std::random_device{}()};
};

}  // namespace prompted::base
