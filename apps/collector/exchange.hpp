#pragma once
// What a response of mqreader, or its absence, means for the collector. Plain decisions.
#include <string_view>

#include "base/clock.hpp"

namespace prompted::collector {

enum class Verdict {
  done,     ///< 2xx
  unknown,  ///< 404, 405, 501: this reader has no such endpoint (the earlier system's has neither nack nor extend)
  again,    ///< 408, 429, 5xx: a retry may succeed
  refused,  ///< other 4xx: a retry does not help
};

constexpr Verdict verdict(int status) {
  if (status >= 200 && status < 300) return Verdict::done;
  if (status == 404 || status == 405 || status == 501) return Verdict::unknown;
  if (status == 408 || status == 421 || status == 429 || status >= 500) return Verdict::again;
  return Verdict::refused;
}

/// Whether a lease id shows that its reader has nack and extend: this project's mqreader uses UUIDs of version 8. A 404
/// for such a lease comes from a proxy or load balancer in between and says nothing about the lease.
constexpr bool knows_nack(std::string_view lease_id) { return lease_id.size() == 36 && lease_id[14] == '8'; }

/// Length of the long poll: POLL_INTERVAL_MS, but long enough to save requests (the response comes as soon as there is
/// a message) and short enough for a quick drain.
constexpr std::chrono::milliseconds long_poll(std::chrono::milliseconds poll_interval) {
  using std::chrono::milliseconds;
  return poll_interval < milliseconds(500)    ? milliseconds(500)
         : poll_interval > milliseconds(2000) ? milliseconds(2000)
                                              : poll_interval;
}

/// How long to wait after an empty lease that took `took`: a reader without wait_ms responds at once and must not be
/// polled in a busy loop.
constexpr base::Duration pause_after_empty(base::Duration took, base::Duration waited, base::Duration poll_interval) {
  constexpr auto timer_slack = std::chrono::milliseconds(20);
  return took + timer_slack < waited ? poll_interval : base::Duration::zero();
}

}  // namespace prompted::collector
