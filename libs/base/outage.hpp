#pragma once
// Logs once when an operation starts to fail and once when it recovers, not every failure in between.
#include <string>
#include <utility>

#include "base/log.hpp"

namespace prompted::base {

/// Owner: the thread of whatever it watches.
class Outage {
 public:
  /// `what` begins both lines: "flush" logs "flush failed; retrying" and "flush recovered".
  explicit Outage(std::string what) : what_(std::move(what)) {}

  /// Logs a warning with `fields` on the first failure.
  void failed(log::Fields fields) {
    if (!std::exchange(failing_, true)) log::warn(what_ + " failed; retrying", fields);
  }
  /// Safe to call after every success: logs only after a failure.
  void recovered(log::Fields fields = {}) {
    if (std::exchange(failing_, false)) log::info(what_ + " recovered", fields);
  }

 private:
  std::string what_;
  bool failing_ = false;
};

}  // namespace prompted::base
