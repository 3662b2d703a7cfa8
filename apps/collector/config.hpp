#pragma once
// The collector's options, each declared once.
#include <cstdint>
#include <limits>
#include <string>

#include "config/schema.hpp"
#include "postgres/dsn.hpp"
#include "service/settings.hpp"

namespace prompted::collector {

struct Config {
  service::Settings service;
  service::DatabaseSettings database;
  std::string mq_base_url;
  std::string collector_id;  ///< empty: the host's name
  std::int64_t lease_seconds = 0;
  std::int64_t lease_max = 0;
  std::int64_t poll_interval_ms = 0;
  std::int64_t concurrency = 0;
};

// The longest lease that mqreader grants. The earlier system had no bounds, so larger settings are capped instead of
// rejected.
inline constexpr std::int64_t most_lease_seconds = 3600;
inline constexpr std::int64_t most_leased = 10'000;
inline constexpr std::int64_t any_number = std::numeric_limits<std::int32_t>::max();

inline void cap(Config& config, std::int64_t& value, std::int64_t most, const std::string& name) {
  if (value <= most) return;
  config.service.notes.push_back(name + ": " + std::to_string(value) + " exceeds the maximum, using " +
                                 std::to_string(most));
  value = most;
}

inline void declare(config::Schema& schema, Config& config) {
  config.service.name = schema.service();
  service::declare(schema, config.service, service::probes_alone("8083"));
  service::declare(schema, config.service, config.database, {pg::check_dsn, pg::adapt_dsn});
  schema.add(
      config.mq_base_url,
      {"MQ_BASE_URL", "Comma-separated mqreader URLs; a host name with several addresses counts as several readers",
       "http://localhost:8085"},
      service::check_http_urls);
  schema.add(config.collector_id, {"COLLECTOR_ID", "Consumer name; defaults to the host name", ""});
  schema.add(config.lease_seconds, {"LEASE_SECONDS", "Lease duration in seconds; capped at 3600", "30"},
             {1, any_number});
  schema.add(config.lease_max, {"LEASE_MAX", "Maximum messages per lease; capped at 10000", "100"}, {1, any_number});
  schema.add(config.poll_interval_ms,
             {"POLL_INTERVAL_MS",
              "Time between polls of an empty queue, in milliseconds; long polls clamp it to 500..2000 ms", "1000"},
             {1, 86'400'000});
  schema.add(config.concurrency, {"COLLECTOR_CONCURRENCY", "Leases processed concurrently, per reader", "2"}, {1, 64});
  schema.require([&config]() -> std::string {
    cap(config, config.lease_seconds, most_lease_seconds, "LEASE_SECONDS");
    cap(config, config.lease_max, most_leased, "LEASE_MAX");
    return "";
  });
}

}  // namespace prompted::collector
