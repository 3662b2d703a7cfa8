#pragma once
// Time since boot, counted through suspend and while the process is stopped: for promises made to other machines
// (clock_gettime(2), CLOCK_BOOTTIME; steady_clock stops during suspend).
#include <chrono>
#include <ctime>

namespace prompted::base {

struct BootClock {
  using duration = std::chrono::nanoseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<BootClock>;
  static constexpr bool is_steady = true;

  static time_point now() {
    timespec time{};
    ::clock_gettime(CLOCK_BOOTTIME, &time);
    return time_point(std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec));
  }
};

}  // namespace prompted::base
