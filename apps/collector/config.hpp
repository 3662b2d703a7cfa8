#pragma once
// This service's options: one declaration each.
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

inline void declare(config::Schema& schema, Config& config) {
  config.service.name = schema.service();
  service::declare(schema, config.service,
                   {.port = "8083",
                    .max_connections = "128",
                    .max_body = "64KiB",
                    .body_budget = "4MiB",
                    .response_budget = "4MiB"});
  service::declare(schema, config.service, config.database, {pg::check_dsn, pg::adapt_dsn});
  schema.add(config.mq_base_url,
             {"MQ_BASE_URL", "mqreader's URL, or several with commas; a name with several addresses is several readers",
              "http://localhost:8085"},
             service::check_http_urls);
  schema.add(config.collector_id, {"COLLECTOR_ID", "Consumer identity; the host's name when empty", ""});
  schema.add(config.lease_seconds, {"LEASE_SECONDS", "Lease duration in seconds", "30"}, {1, 3600});
  schema.add(config.lease_max, {"LEASE_MAX", "Max messages per lease", "100"}, {1, 10000});
  schema.add(config.poll_interval_ms, {"POLL_INTERVAL_MS", "Polling frequency in milliseconds", "1000"}, {1, 3600000});
  schema.add(config.concurrency, {"COLLECTOR_CONCURRENCY", "Leases in work at the same time, per reader", "2"},
             {1, 64});
}

}  // namespace prompted::collector
