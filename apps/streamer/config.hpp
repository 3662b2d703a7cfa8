#pragma once
// The streamer's options, declared once.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>

#include "config/schema.hpp"
#include "service/settings.hpp"

namespace prompted::streamer {

struct Config {
  service::Settings service;
  std::string csv_path;
  std::int64_t interval_ms = 0;
  std::string mq_base_url;
  std::int64_t channel_buffer = 0;
  std::int64_t batch_size = 0;
  std::int64_t loops = 0;
};

inline void declare(config::Schema& schema, Config& config) {
  config.service.name = "streamer";
  service::declare(schema, config.service, service::probes_alone("8082"));
  schema.add(config.csv_path, {"STREAMER_CSV_PATH", "Path of the CSV file", "samples/telemetry.csv"});
  schema.add(config.interval_ms,
             {"STREAMER_INTERVAL_MS", "Pause between publishes in milliseconds; 0 means none", "1000"},
             {0, 86'400'000});
  schema.add(config.mq_base_url, {"MQ_BASE_URL", "Comma-separated mqwriter URLs", "http://localhost:8084"},
             service::check_http_urls);
  schema.add(
      config.channel_buffer,
      {"STREAMER_CHANNEL_BUFFER", "Capacity of the channel between reader and publisher, in rows; 0 counts as 1", "16"},
      {0, 65536});
  schema.add(config.batch_size, {"STREAMER_BATCH_SIZE", "Messages per publish", "1"}, {1, 10000});
  schema.add(config.loops, {"STREAMER_LOOPS", "Number of passes over the file; 0 means unlimited", "0"},
             {0, 1'000'000'000});
  schema.require([&config]() -> std::string {
    config.channel_buffer = std::max<std::int64_t>(config.channel_buffer, 1);  // Go's unbuffered channel holds none
    return "";
  });
}

}  // namespace prompted::streamer
