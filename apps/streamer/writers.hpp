#pragma once
// Which mqwriter the next publish goes to: round-robin over the addresses of MQ_BASE_URL, skipping a dead one for a
// while.
#include <chrono>
#include <cstddef>
#include <optional>
#include <vector>

#include "base/backoff.hpp"
#include "base/clock.hpp"
#include "http/url.hpp"

namespace prompted::streamer {

/// A decision without sockets; time is an argument.
class Writers {
 public:
  /// Sets the addresses that the names resolve to now. State of addresses that stay is kept.
  void update(const std::vector<http::Endpoint>& endpoints);
  bool empty() const { return all_.empty(); }

  /// Returns the next address that is not skipped; nullopt if all are (see ready_at()).
  std::optional<http::Endpoint> pick(base::TimePoint now);
  /// When the first address can be retried.
  base::TimePoint ready_at() const;

  void succeeded(const http::Endpoint& endpoint);
  /// Skips an address for a jittered, growing time, at least as long as its Retry-After.
  void failed(const http::Endpoint& endpoint, base::TimePoint now, std::chrono::seconds retry_after);

 private:
  struct Writer {
    explicit Writer(http::Endpoint e) : endpoint(std::move(e)) {}
    http::Endpoint endpoint;
    base::Backoff backoff{std::chrono::milliseconds{200}, std::chrono::milliseconds{5000}};
    base::TimePoint out_until = base::TimePoint::min();
  };
  Writer* find(const http::Endpoint& endpoint);

  std::vector<Writer> all_;
  std::size_t turn_ = 0;
};

}  // namespace prompted::streamer
