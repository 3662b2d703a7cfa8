#include "collector/app.hpp"

#include <boost/asio/ip/host_name.hpp>

#include "service/pool_metrics.hpp"

namespace prompted::collector {

namespace {

pg::Options database_options(const Config& config) {
  auto options = config.database.options<pg::Options>("prompted-collector");
  options.on_connect = {
      "SET synchronous_commit = on"};  // whatever the database's default is: an ack follows the commit
  options.admit = [](pg::Session& session) { pg::require_schema(session, schema_needed, "telemetry"); };
  return options;
}

}  // namespace

App::App(boost::asio::io_context& owner, const Config& config)
    : db_(owner, database_options(config)), store_(db_), context_(owner, config, store_), readers_(owner, context_) {
  context_.consumer_id = config.collector_id.empty() ? boost::asio::ip::host_name() : config.collector_id;
}

std::vector<service::Check> App::checks() const {
  return {service::database_check(db_), {"mqreader", readers_.healthy() ? "" : "unreachable"}};
}

void App::collect(service::MetricsWriter& metrics) const {
  const CollectorCounts& stats = context_.stats;
  const auto count = [](std::uint64_t n) { return static_cast<double>(n); };
  metrics.counter("rows_persisted_total", "Rows inserted into telemetry", count(stats.rows_persisted));
  const char* skipped = "Messages that added no row, by reason";
  metrics.counter("rows_skipped_total", skipped, count(stats.rows_duplicate), {{"reason", "duplicate"}});
  metrics.counter("rows_skipped_total", skipped, count(stats.rows_invalid), {{"reason", "invalid"}});
  const char* leases = "Leases granted by mqreader";
  metrics.counter("leases_total", leases, count(stats.leases), {{"kind", "messages"}});
  metrics.counter("leases_total", leases, count(stats.empty_leases), {{"kind", "empty"}});
  metrics.counter("leases_let_go_total", "Leases abandoned; their messages are redelivered",
                  count(stats.leases_abandoned));
  metrics.counter("acks_total", "Leases acknowledged", count(stats.acks));
  metrics.counter("nacks_total", "Messages nacked", count(stats.nacks));
  metrics.counter("extends_total", "Leases extended", count(stats.extends));
  metrics.gauge("readers", "Readers that this collector leases from", count(readers_.count()));
  metrics.histogram("persist_seconds", "Time from a lease to its rows' commit", stats.persist);
  service::write_pool(metrics, db_.stats());
}

std::vector<service::MemoryPart> App::memory_parts() const {
  // The response, its rows, and the statement's parameters twice (ours, libpq's).
  return {{"leases", 4 * lease_budget}};
}

void App::stop_intake() {
  context_.stopping = true;
  context_.changed.notify();
}

boost::asio::awaitable<void> App::finish(base::TimePoint deadline) {
  // Loops that cannot finish (PostgreSQL or the reader is unavailable) abandon their leases in time for the rest of the
  // drain.
  context_.abandon_at = deadline - std::chrono::milliseconds(1500);
  context_.changed.notify();
  co_await readers_.finished(deadline - std::chrono::milliseconds(500));
  context_.client.abort();
  co_await db_.stop(deadline);
}

}  // namespace prompted::collector
