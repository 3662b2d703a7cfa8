#pragma once
// A service's options of every type, for the tests of this directory.
#include <chrono>
#include <string>

#include "config/schema.hpp"

namespace prompted::config {

struct Example {
  std::uint16_t port = 0;
  std::int64_t count = 0;
  std::int64_t last = -1;
  std::chrono::milliseconds interval{};
  Bytes body;
  log::Level level = log::Level::error;
  std::string path;
  std::string url;

  Schema schema{"example", "shows every type of option"};

  Example() {
    schema.add(port, {"TEST_PORT", "Listen port", "8084"});
    schema.add(count, {"TEST_COUNT", "How many", "256"}, {1, 1000});
    schema.add(last, {"TEST_LAST", "The last one, by default the count − 1", ""});
    schema.add(interval, {"TEST_FLUSH_INTERVAL", "Flush timer", "500ms"}, {1, 3'600'000});
    schema.add(body, {"TEST_BODY", "Largest body", "16MiB"});
    schema.add(level, {"TEST_LEVEL", "What is logged", "info"});
    schema.add(path, {"TEST_PATH", "A file", "samples/telemetry.csv"},
               [](std::string_view value) { return value.find(' ') == value.npos ? "" : "a path without blanks"; });
    schema.add_secret(url, {"TEST_URL", "Database", "postgres://u:hunter1@localhost/db"}, [](std::string_view value) {
      return value.starts_with("postgres://") ? "" : "a postgres:// URL";
    });
    schema.require([this] { return last > count ? "TEST_LAST must not exceed TEST_COUNT" : ""; });
  }
};

}  // namespace prompted::config
