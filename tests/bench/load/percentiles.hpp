#pragma once
// Latencies as JSON members, milliseconds.
#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

namespace prompted::bench {

/// `"p50_ms": 1.234, "p90_ms": …, "p99_ms": …, "max_ms": …` of seconds; sorts them.
inline std::string percentiles(std::vector<double>& seconds) {
  std::sort(seconds.begin(), seconds.end());
  const auto at = [&seconds](double share) {
    if (seconds.empty()) return 0.0;
    return 1000 *
           seconds[std::min(seconds.size() - 1, static_cast<std::size_t>(share * static_cast<double>(seconds.size())))];
  };
  char text[128];
  std::snprintf(text, sizeof text, "\"p50_ms\": %.3f, \"p90_ms\": %.3f, \"p99_ms\": %.3f, \"max_ms\": %.3f", at(0.5),
                at(0.9), at(0.99), at(1.0));
  return text;
}

}  // namespace prompted::bench
