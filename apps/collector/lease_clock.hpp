#pragma once
// When to extend a lease and when it has certainly ended. A plain decision: time is an argument.
#include "base/clock.hpp"

namespace prompted::collector {

class LeaseClock {
 public:
  /// `responded_at`: when the lease's response arrived. The reader's own clock began before that, so gone() is never
  /// early.
  LeaseClock(base::TimePoint responded_at, base::Duration length) : length_(length) { restart(responded_at); }

  /// A third of it has passed: two more chances before it ends.
  bool should_extend(base::TimePoint now) const { return extendable_ && now >= extend_at_; }
  void extended(base::TimePoint responded_at) { restart(responded_at); }
  /// Schedules a retry after a tenth of the lease: the extend failed, but the reader may be back soon.
  void not_extended(base::TimePoint now) { extend_at_ = now + length_ / 10; }
  /// Stops extending: the reader does not support it, or no longer knows the lease.
  void cannot_extend() { extendable_ = false; }

  /// Whether other consumers may have its messages by now.
  bool gone(base::TimePoint now) const { return now >= until_; }
  base::TimePoint until() const { return until_; }

 private:
  void restart(base::TimePoint at) {
    until_ = at + length_;
    extend_at_ = at + length_ / 3;
  }

  base::Duration length_;
  base::TimePoint until_;
  base::TimePoint extend_at_;
  bool extendable_ = true;
};

}  // namespace prompted::collector
