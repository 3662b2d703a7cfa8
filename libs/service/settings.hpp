#pragma once
// The options common to all daemons.
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

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
  config::Bytes http_response_budget;
  std::string allowed_hosts;       ///< in the form that http::parse_allowed_hosts() accepts
  std::vector<std::string> notes;  ///< "LEASE_SECONDS: …": settings not used as given; logged once at startup
};

/// Defaults that differ by service.
struct HttpDefaults {
  std::string port;
  std::string max_connections = "1024";
  std::string max_body = "1MiB";
  std::string body_budget = "4MiB";
  std::string response_budget = "16MiB";
};

/// Defaults of a daemon that serves only /metrics and probes.
inline HttpDefaults probes_alone(std::string port) {
  return {.port = std::move(port), .max_connections = "128", .max_body = "64KiB", .response_budget = "4MiB"};
}

/// Adds PORT, LISTEN_ADDRESS, ALLOWED_HOSTS, LOG_LEVEL, SHUTDOWN_GRACE and HTTP_* to a service's schema.
void declare(config::Schema& schema, Settings& settings, const HttpDefaults& defaults);

/// Checks for options: "" or the fault of an HTTP URL, or of a comma-separated list of them.
std::string check_http_url(std::string_view text);
std::string check_http_urls(std::string_view text);

/// DATABASE_URL, DB_POOL_SIZE and SLOW_STATEMENT, for the services that have a database.
struct DatabaseSettings {
  std::string url;
  std::int64_t pool_size = 0;
  std::chrono::milliseconds slow_statement{};  ///< 0: none is

  /// Fills pg::Options, a type that this library does not depend on. The daemon sets the remaining members.
  template <class Options>
  Options options(std::string application_name) const {
    Options out;
    out.dsn = url;
    out.application_name = std::move(application_name);
    out.workers = static_cast<int>(pool_size);
    out.slow_statement = slow_statement;
    return out;
  }
};
/// pg::check_dsn and pg::adapt_dsn, passed in because this library does not depend on libs/postgres.
struct DsnRules {
  std::string (*check)(std::string_view dsn);
  std::vector<std::string> (*adapt)(std::string& dsn);  ///< returns the names of removed parameters
};
void declare(config::Schema& schema, Settings& shared, DatabaseSettings& settings, DsnRules dsn);

}  // namespace prompted::service
