#pragma once
// The options that every daemon has, declared once.
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "config/schema.hpp"

namespace prompted::service {

struct Settings {
  std::string name;  ///< "mqwriter"
  std::uint16_t port = 0;
  std::string listen_address;
  log::Level log_level = log::Level::info;
  std::chrono::milliseconds shutdown_grace{};
  std::int64_t http_max_connections = 0;
  config::Bytes http_max_body;
  config::Bytes http_body_budget;
};

/// Adds PORT, LISTEN_ADDRESS, LOG_LEVEL, SHUTDOWN_GRACE and HTTP_MAX_* to a service's schema.
void declare(config::Schema& schema, Settings& settings, const std::string& port, const std::string& max_body = "1MiB");

/// For options: "" or what is wrong with an HTTP URL, or a comma list of them.
std::string check_http_url(std::string_view text);
std::string check_http_urls(std::string_view text);

/// DATABASE_URL and DB_POOL_SIZE, for the services that have a database.
struct DatabaseSettings {
  std::string url;
  std::int64_t pool_size = 0;
};
/// `check_dsn`: pg::check_dsn, which this library does not know.
void declare(config::Schema& schema, DatabaseSettings& settings, std::string (*check_dsn)(std::string_view));

}  // namespace prompted::service
