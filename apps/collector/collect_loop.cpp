#include "collector/collect_loop.hpp"

#include "base/backoff.hpp"
#include "collector/delivery.hpp"

namespace prompted::collector {

namespace {

using std::chrono::milliseconds;

/// A successful lease exchange, perhaps with an empty lease.
struct Leased {
  Leased(models::LeaseResponse lease, std::shared_ptr<const void> memory, base::TimePoint at, base::Duration duration)
      : response(std::move(lease)), room(std::move(memory)), responded_at(at), took(duration) {}

  models::LeaseResponse response;
  std::shared_ptr<const void> room;  ///< of the response; held while its rows are
  base::TimePoint responded_at;
  base::Duration took;
};

/// Returns nullopt, logged once per state change, if there is no usable response.
boost::asio::awaitable<std::optional<Leased>> lease(std::shared_ptr<ReaderClient> reader, milliseconds wait) {
  const base::TimePoint asked = base::Clock::now();
  try {
    const http::ClientResponse response = co_await reader->lease(wait);
    if (verdict(response.status) == Verdict::done) {
      models::LeaseResponse leased = models::parse_lease_response(response.body);
      reader->healthy = true;
      reader->outage().recovered();
      co_return Leased(std::move(leased), response.room, response.began, response.began - asked);
    }
    reader->outage().failed({{"error", "lease request returned status " + std::to_string(response.status)}});
  } catch (const base::Error& error) {
    reader->outage().failed({{"error", error.what()}});
  }
  reader->healthy = false;
  co_return std::nullopt;
}

}  // namespace

boost::asio::awaitable<void> collect(Context& context, std::shared_ptr<ReaderClient> reader) {
  const milliseconds poll_interval(context.config.poll_interval_ms);
  milliseconds wait{0};  // the first response comes at once: readiness need not wait for a long poll
  base::Backoff backoff(milliseconds(100), milliseconds(2000));
  while (!context.stopping && !reader->retired) {
    // Messages leased now could not be persisted, and a delivery would be counted for nothing.
    if (!context.store.ready()) {
      co_await context.pause(milliseconds(100));
      continue;
    }
    std::optional<Leased> leased = co_await lease(reader, wait);
    if (!leased) {
      co_await context.pause(backoff.next());
      continue;
    }
    backoff.reset();
    if (leased->response.messages() > 0) {
      ++context.stats.leases;
      Delivery delivery(context, *reader, std::move(leased->response), leased->responded_at);
      co_await delivery.run();
    } else {
      ++context.stats.empty_leases;
      const base::Duration pause = pause_after_empty(leased->took, wait, poll_interval);
      if (pause > base::Duration::zero()) co_await context.pause(pause);
    }
    wait = long_poll(poll_interval);
  }
}

}  // namespace prompted::collector
