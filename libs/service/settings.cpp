#include "service/settings.hpp"

#include <boost/asio/ip/address.hpp>

#include "base/error.hpp"
#include "http/site_guard.hpp"
#include "http/url.hpp"

namespace prompted::service {

namespace {

std::string check_address(std::string_view value) {
  boost::system::error_code error;
  boost::asio::ip::make_address(value, error);
  return error ? "an IP address such as 127.0.0.1 or ::" : "";
}

template <class Parse>
std::string error_of(const Parse& parse) {
  try {
    parse();
    return {};
  } catch (const base::Error& error) {
    return error.what();
  }
}

std::string check_allowed_hosts(std::string_view text) {
  return error_of([&] { http::parse_allowed_hosts(text); });
}

}  // namespace

std::string check_http_url(std::string_view text) {
  const std::string error = error_of([&] { http::parse_url(text); });
  return error.empty() ? "" : "a base URL such as http://host:8080 (" + error + ")";
}

std::string check_http_urls(std::string_view text) {
  const std::string error = error_of([&] { http::parse_urls(text); });
  return error.empty() ? "" : "comma-separated base URLs such as http://host:8080 (" + error + ")";
}

void declare(config::Schema& schema, Settings& settings, const HttpDefaults& defaults) {
  settings.name = schema.service();
  schema.add(settings.port, {"PORT", "Port to listen on; 0 picks a free one", defaults.port});
  schema.add(settings.listen_address,
             {"LISTEN_ADDRESS",
              "Address to listen on; :: means all IPv6 and IPv4 addresses, or all IPv4 addresses on hosts without IPv6",
              "127.0.0.1"},
             check_address);
  schema.add(settings.allowed_hosts,
             {"ALLOWED_HOSTS",
              "Comma-separated host names to accept, such as telemetry.example.com or *.example.com; * accepts any. "
              "Requests for other hosts get 421. IP addresses, localhost, names without a dot, *.svc and "
              "*.cluster.local are always accepted",
              ""},
             check_allowed_hosts);
  schema.add(settings.log_level, {"LOG_LEVEL", "Lowest level that is logged", "info"});
  schema.add(settings.shutdown_grace, {"SHUTDOWN_GRACE", "Time limit after SIGTERM for finishing accepted work", "10s"},
             {100, 3'600'000});
  schema.add(
      settings.http_max_connections,
      {"HTTP_MAX_CONNECTIONS", "Maximum open connections; more wait in the listen backlog", defaults.max_connections},
      {1, 100'000});
  schema.add(settings.http_max_body,
             {"HTTP_MAX_BODY", "Maximum request body size; larger requests get 413", defaults.max_body});
  schema.add(settings.http_body_budget,
             {"HTTP_BODY_BUDGET", "Memory budget for all request bodies in flight; beyond it requests get 503",
              defaults.body_budget});
  schema.add(settings.http_response_budget,
             {"HTTP_RESPONSE_BUDGET", "Memory budget for all responses waiting to be sent; beyond it requests get 503",
              defaults.response_budget});
}

void declare(config::Schema& schema, Settings& shared, DatabaseSettings& settings, DsnRules dsn) {
  schema.add_secret(
      settings.url,
      {"DATABASE_URL", "PostgreSQL DSN", "postgres://prompted:prompted@localhost:5432/prompted?sslmode=disable"},
      dsn.check);
  schema.add(settings.pool_size, {"DB_POOL_SIZE", "Number of database connections, each with its own thread", "4"},
             {1, 256});
  schema.add(
      settings.slow_statement,
      {"SLOW_STATEMENT", "Log the names of database statements that take at least this long; 0 disables it", "1s"},
      {0, 3'600'000});
  schema.require([&shared, &settings, dsn]() -> std::string {
    std::string names;
    for (const std::string& name : dsn.adapt(settings.url)) names += (names.empty() ? "" : ", ") + name;
    if (!names.empty()) shared.notes.push_back("DATABASE_URL: ignoring parameters of other drivers: " + names);
    return "";
  });
}

}  // namespace prompted::service
