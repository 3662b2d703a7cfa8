#pragma once
// What an answer of mqreader, or the lack of one, means for the collector. Plain decisions.
#include <string_view>

#include "base/clock.hpp"

namespace prompted::collector {

enum class Verdict {
  done,     ///< 2xx
  unknown,  ///< 404, 405, 501: this reader has no such endpoint (the earlier system's has neither nack nor extend)
  again,    ///< 408, 429, 5xx: it may work later
  refused,  ///< other 4xx: repeating it does not help
};

constexpr Verdict verdict(int status) {
  if (status >= 200 && status < 300) return Verdict::done;
  if (status == 404 || status == 405 || status == 501) return Verdict::unknown;
  if (status == 408 || status == 421 || status == 429 || status >= 500) return Verdict::again;
  return Verdict::refused;
}

/// Whether a lease is of a reader that has nack and extend, by its own word: the lease ids of this project's mqreader
/// are UUIDs of version 8. A 404 to such a one comes from something in between (a proxy, a load balancer) and says
/// nothing about it.
constexpr bool knows_nack(std::string_view lease_id) { return lease_id.size() == 36 && lease_id[14] == '8'; }

/// The long poll: POLL_INTERVAL_MS, but long enough to spare requests (an answer comes as soon as there is a message)
/// and short enough for a quick drain.
constexpr std::chrono::milliseconds long_poll(std::chrono::milliseconds poll_interval) {
  using std::chrono::milliseconds;
  return poll_interval < milliseconds(500)    ? milliseconds(500)
         : poll_interval > milliseconds(2000) ? milliseconds(2000)
                                              : poll_interval;
}

/// How long to wait after an empty lease that took `took`: a reader that knows no wait_ms answers at once and must not
/// be asked in a circle.
constexpr base::Duration pause_after_empty(base::Duration took, base::Duration waited, base::Duration poll_interval) {
  constexpr auto timer_slack = std::chrono::milliseconds(20);
  return took + timer_slack < waited ? poll_interval : base::Duration::zero();
}

}  // namespace prompted::collector
