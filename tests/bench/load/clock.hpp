#pragma once
// CLOCK_MONOTONIC in seconds. Python's time.monotonic() reads the same clock, so two programs may take the start and
// the end.
#include <sys/resource.h>

#include <chrono>

namespace prompted::bench {

inline double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// CPU seconds of this process, user and system.
inline double own_cpu() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

}  // namespace prompted::bench
