#pragma once
// State shared by all loops of the collector. Owner: the daemon's thread.
#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <string>

#include "base/outage.hpp"
#include "base/owner.hpp"
#include "base/signal.hpp"
#include "collector/config.hpp"
#include "collector/store.hpp"
#include "http/client.hpp"
#include "service/metrics.hpp"

namespace prompted::collector {

inline constexpr std::string_view topic = "telemetry";

struct CollectorCounts {
  std::uint64_t rows_persisted = 0;
  std::uint64_t rows_duplicate = 0;  ///< were in telemetry already: redelivered
  std::uint64_t rows_invalid = 0;    ///< can never become rows
  std::uint64_t leases = 0;          ///< with at least one message
  std::uint64_t empty_leases = 0;
  std::uint64_t leases_abandoned = 0;  ///< not settled: their messages will be redelivered
  std::uint64_t acks = 0;
  std::uint64_t nacks = 0;  ///< messages
  std::uint64_t extends = 0;
  service::Histogram persist;  ///< one lease into Postgres
};

/// Lease responses in memory at once; a batch waits in the socket when there is no room.
inline constexpr std::size_t lease_budget = 24 * 1024 * 1024;

inline http::Client::Options client_options() {
  http::Client::Options options;
  options.budget = lease_budget;
  options.response_bytes = 64 * 1024 * 1024;  // mqreader's are below 5 MiB
  return options;
}

struct Context {
  Context(boost::asio::io_context& owner, const Config& settings, Store& rows)
      : config(settings), store(rows), client(owner, client_options()), changed(owner) {}

  const Config config;
  std::string consumer_id;
  Store& store;
  http::Client client;
  CollectorCounts stats;
  base::Outage postgres{"postgres"};
  std::uint64_t inserts = 0;  ///< successful statements of all deliveries

  bool stopping = false;                     ///< no new leases
  base::TimePoint abandon_at = base::never;  ///< leases still held then are abandoned
  base::Signal changed;                      ///< one of these two
  [[no_unique_address]] base::OwnerThread thread;

  std::chrono::seconds lease_length() const { return std::chrono::seconds(config.lease_seconds); }
  bool abandoning(base::TimePoint now) const { return now >= abandon_at; }
  /// Ends early when the daemon is stopping.
  boost::asio::awaitable<bool> pause(base::Duration duration) {
    thread.check();
    return changed.wait_until(base::Clock::now() + duration);
  }
};

}  // namespace prompted::collector
