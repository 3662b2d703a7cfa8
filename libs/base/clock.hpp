#pragma once
// The clock of every deadline, back-off and in-memory lease. Plain classes take a TimePoint as an argument.
#include <chrono>

namespace prompted::base {

using Clock = std::chrono::steady_clock;
using TimePoint = Clock::time_point;
using Duration = Clock::duration;

/// "No deadline".
inline constexpr TimePoint never = TimePoint::max();

}  // namespace prompted::base
