#include "apigw/app.hpp"

#include "apigw/session_settings.hpp"
#include "service/pool_metrics.hpp"

namespace prompted::apigw {

namespace {

constexpr int schema_needed = 3;  // migrations/: telemetry's columns

pg::Options database_options(const Config& config) {
  auto options = config.database.options<pg::Options>("prompted-apigw");
  // One for each connection: new requests must not keep a running export from its next page.
  options.waiting_jobs = static_cast<std::size_t>(config.service.http_max_connections);
  options.on_connect = session_settings();
  options.statement_timeout = statement_timeout;
  options.writes = false;  // a standby serves reads
  options.admit = [](pg::Session& session) { pg::require_schema(session, schema_needed, "telemetry"); };
  return options;
}

}  // namespace

App::App(boost::asio::io_context& owner, const Config& config)
    : db_(owner, database_options(config)), telemetry_(db_), gpus_(db_), handlers_(telemetry_, gpus_, stats_) {}

void App::add_routes(http::Router& router) { apigw::add_routes(router, &handlers_); }

std::vector<service::Check> App::checks() const { return {service::database_check(db_)}; }

void App::collect(service::MetricsWriter& metrics) const {
  metrics.counter("rows_returned_total", "Telemetry entries sent to clients", static_cast<double>(stats_.rows));
  metrics.counter("pages_read_total", "Pages of telemetry read from PostgreSQL", static_cast<double>(stats_.pages));
  metrics.counter("streams_total", "Telemetry responses streamed in more than one page",
                  static_cast<double>(stats_.streams));
  metrics.counter("not_modified_total", "Telemetry requests that got 304", static_cast<double>(stats_.not_modified));
  service::write_pool(metrics, db_.stats());
}

std::vector<service::MemoryPart> App::memory_parts() const {
  // Rows as libpq has them, and what is made of them.
  return {{"pages", static_cast<std::uint64_t>(db_.stats().workers) * 5 * limited_bytes}};
}

boost::asio::awaitable<void> App::finish(base::TimePoint deadline) { co_await db_.stop(deadline); }

}  // namespace prompted::apigw
