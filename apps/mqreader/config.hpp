#pragma once
// mqreader's options, each declared once.
#include "config/schema.hpp"
#include "http/site_guard.hpp"
#include "http/url.hpp"
#include "postgres/dsn.hpp"
#include "service/settings.hpp"

namespace prompted::mqreader {

struct Config {
  service::Settings service;
  service::DatabaseSettings database;
  std::int64_t partition_count = 0;
  std::int64_t partition_start = 0;
  std::int64_t partition_end = -1;  ///< -1 until load(): then MQ_PARTITION_COUNT - 1 unless given
  std::chrono::milliseconds poll_interval{};
  std::int64_t poll_batch = 0;  ///< rows
  std::chrono::milliseconds sweep_interval{};
  std::chrono::milliseconds topic_idle{};
  std::int64_t memory_messages = 0;  ///< of all topics
  config::Bytes memory_bytes;
  std::int64_t max_attempts = 0;
  std::chrono::milliseconds lease_ttl{};  ///< of ownership, not of messages
  std::string advertise_url;
};

inline void declare(config::Schema& schema, Config& config) {
  service::declare(schema, config.service, {.port = "8085", .body_budget = "16MiB", .response_budget = "24MiB"});
  service::declare(schema, config.service, config.database, {pg::check_dsn, pg::adapt_dsn});
  schema.add(config.partition_count,
             {"MQ_PARTITION_COUNT",
              "Number of virtual partitions of the queue; must be the same for all mqwriters and mqreaders", "256"},
             {1, 65536});
  schema.add(config.partition_start, {"READER_PARTITION_START", "First partition that this reader may own", "0"},
             {0, 65535});
  schema.add(
      config.partition_end,
      {"READER_PARTITION_END", "Last partition that this reader may own; defaults to MQ_PARTITION_COUNT - 1", ""},
      {0, 65535});
  schema.add(
      config.poll_interval,
      {"READER_POLL_INTERVAL", "Maximum time between polls; a NOTIFY from a writer ends the wait early", "500ms"},
      {1, 86'400'000});
  schema.add(config.poll_batch, {"READER_POLL_BATCH", "Maximum rows per poll", "1000"}, {1, 100'000});
  schema.add(config.sweep_interval,
             {"READER_SWEEP_INTERVAL", "Time between checks for rows that polling missed", "60s"}, {100, 86'400'000});
  schema.add(config.memory_messages,
             {"READER_MEMORY_MESSAGES",
              "Maximum messages in memory for all topics; a single topic gets about half. The rest stays in PostgreSQL",
              "100000"},
             {1, 10'000'000});
  schema.add(
      config.memory_bytes,
      {"READER_MEMORY_BYTES", "The same limit in bytes; each message counts as its payload plus 480 bytes", "128MiB"});
  schema.add(config.topic_idle,
             {"READER_TOPIC_IDLE", "How long a topic without requests or leases stays in memory", "5m"},
             {100, 86'400'000});
  schema.add(config.max_attempts,
             {"MQ_MAX_ATTEMPTS", "Number of deliveries after which a nack moves the message to dead_letters", "5"},
             {1, 1000});
  schema.add(config.lease_ttl, {"READER_LEASE_TTL", "How long a silent reader keeps its partitions", "10s"},
             {500, 600'000});
  schema.add(config.advertise_url,
             {"READER_ADVERTISE_URL",
              "URL at which other readers reach this one. Defaults to its port at LISTEN_ADDRESS or, if that is :: or "
              "0.0.0.0, at the local address of its connection to PostgreSQL",
              ""},
             service::check_http_url);
  schema.require([&config]() -> std::string {
    if (config.partition_end < 0) config.partition_end = config.partition_count - 1;
    if (config.partition_start > config.partition_end)
      return "READER_PARTITION_START must not be greater than READER_PARTITION_END";
    if (config.partition_end >= config.partition_count)
      return "READER_PARTITION_END must be less than MQ_PARTITION_COUNT";
    // Other readers use this name.
    const std::string host = config.advertise_url.empty() ? "" : http::parse_url(config.advertise_url).host;
    if (!host.empty() && !http::HostList().allows(host)) config.service.allowed_hosts += "," + host;
    return "";
  });
}

}  // namespace prompted::mqreader
