#include "service/settings.hpp"

#include <boost/asio/ip/address.hpp>

#include "base/error.hpp"
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

}  // namespace

std::string check_http_url(std::string_view text) {
  return error_of([&] { http::parse_url(text); });
}

std::string check_http_urls(std::string_view text) {
  return error_of([&] { http::parse_urls(text); });
}

void declare(config::Schema& schema, Settings& settings, const std::string& port, const std::string& max_body) {
  settings.name = schema.service();
  schema.add(settings.port, {"PORT", "Listen port; 0 picks a free one", port});
  schema.add(settings.listen_address,
             {"LISTEN_ADDRESS", "Address to listen on; :: is dual stack, and 0.0.0.0 where IPv6 is absent", "::"},
             check_address);
  schema.add(settings.log_level, {"LOG_LEVEL", "debug, info, warn or error", "info"});
  schema.add(settings.shutdown_grace, {"SHUTDOWN_GRACE", "Time to finish what was accepted after SIGTERM", "10s"},
             {100, 3'600'000});
  schema.add(settings.http_max_connections,
             {"HTTP_MAX_CONNECTIONS", "Open connections; above it nothing is accepted", "1024"}, {1, 100'000});
  schema.add(settings.http_max_body, {"HTTP_MAX_BODY", "Largest request body; more is answered 413", max_body});
  schema.add(settings.http_body_budget,
             {"HTTP_BODY_BUDGET", "All request bodies together, taken before they are read", "256MiB"});
}

void declare(config::Schema& schema, DatabaseSettings& settings, std::string (*check_dsn)(std::string_view)) {
  schema.add_secret(
      settings.url,
      {"DATABASE_URL", "PostgreSQL DSN", "postgres://prompted:prompted@localhost:5432/prompted?sslmode=disable"},
      check_dsn);
  schema.add(settings.pool_size, {"DB_POOL_SIZE", "Database connections, each with a thread", "4"}, {1, 256});
}

}  // namespace prompted::service
