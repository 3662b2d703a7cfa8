#pragma once
// mqwriter's options, each declared once.
#include "config/schema.hpp"
#include "postgres/dsn.hpp"
#include "service/settings.hpp"

namespace prompted::mqwriter {

struct Config {
  service::Settings service;
  service::DatabaseSettings database;
  std::int64_t partition_count = 0;
  std::int64_t buffer_size = 0;  ///< messages
  std::chrono::milliseconds flush_interval{};
  std::int64_t buffer_capacity = 0;  ///< messages
  config::Bytes buffer_bytes;
};

inline void declare(config::Schema& schema, Config& config) {
  service::declare(schema, config.service, {.port = "8084", .max_body = "16MiB", .body_budget = "24MiB"});
  service::declare(schema, config.service, config.database, {pg::check_dsn, pg::adapt_dsn});
  schema.add(config.partition_count,
             {"MQ_PARTITION_COUNT",
              "Number of virtual partitions of the queue; must be the same for all mqwriters and mqreaders", "256"},
             {1, 65536});
  schema.add(config.buffer_size,
             {"MQ_BUFFER_SIZE", "Number of waiting messages that starts another flush while one is running", "500"},
             {1, 10'000'000});
  schema.add(
      config.flush_interval,
      {"MQ_FLUSH_INTERVAL", "Maximum time a message waits for a running flush before another one starts", "500ms"},
      {1, 86'400'000});
  schema.add(
      config.buffer_capacity,
      {"MQ_BUFFER_CAPACITY", "Maximum buffered messages; beyond it publishes wait up to 1 s, then get 503", "20000"},
      {1, 10'000'000});
  schema.add(config.buffer_bytes, {"MQ_BUFFER_BYTES", "The same limit in bytes of payload", "64MiB"});
}

}  // namespace prompted::mqwriter
