#include "mqwriter/app.hpp"

#include "mqwriter/routes.hpp"
#include "mqwriter/store.hpp"
#include "service/pool_metrics.hpp"

namespace prompted::mqwriter {

namespace {

pg::Options database_options(const Config& config) {
  auto options = config.database.options<pg::Options>("prompted-mqwriter");
  options.on_connect = connection_settings();
  options.statement_timeout = std::chrono::seconds(10);
  options.admit = pg::admit_to_queue(schema_needed, static_cast<int>(config.partition_count));
  return options;
}

BufferLimits buffer_limits(const Config& config) {
  BufferLimits limits;
  limits.capacity = static_cast<std::size_t>(config.buffer_capacity);
  limits.capacity_bytes = config.buffer_bytes.count;
  limits.flush_size = static_cast<std::size_t>(config.buffer_size);
  limits.flush_interval = config.flush_interval;
  limits.batch_messages = std::max<std::size_t>(limits.flush_size, 2000);
  return limits;
}

}  // namespace

App::App(boost::asio::io_context& owner, const Config& config)
    : config_(config),
      database_(owner, database_options(config)),
      store_(database_),
      flusher_(owner, store_, buffer_limits(config), static_cast<std::size_t>(config.database.pool_size)),
      handlers_(flusher_, static_cast<int>(config.partition_count)) {}

void App::add_routes(http::Router& router) { mqwriter::add_routes(router, &handlers_); }

std::optional<http::Api> App::api() const { return mqwriter::api(); }

std::vector<service::Check> App::checks() const { return {service::database_check(database_)}; }

void App::collect(service::MetricsWriter& metrics) const {
  const auto& counts = flusher_.counts();
  const auto number = [](auto n) { return static_cast<double>(n); };
  metrics.counter("messages_committed_total", "Messages committed to the queue", number(counts.messages_committed));
  metrics.counter("duplicates_total", "Messages that were already in the queue", number(counts.duplicates));
  metrics.counter("publishes_refused_total", "Publishes rejected, by reason", number(counts.publishes_refused_full),
                  {{"reason", "full"}});
  metrics.counter("publishes_refused_total", "", number(counts.publishes_expired), {{"reason", "deadline"}});
  metrics.counter("publishes_refused_total", "", number(counts.publishes_bad), {{"reason", "bad_payload"}});
  metrics.counter("flushes_total", "INSERT statements executed", number(counts.flushes));
  metrics.counter("flush_failures_total", "INSERT statements that failed", number(counts.flush_failures));
  metrics.counter("hints_total", "NOTIFYs sent to readers", number(counts.hints));
  metrics.histogram("flush_duration_seconds", "Duration of an INSERT including its commit", counts.flush_seconds);
  metrics.histogram("buffer_wait_seconds", "Time from the arrival of a publish to the start of its flush",
                    counts.wait_seconds);
  metrics.gauge("buffer_messages", "Messages in the buffer", number(flusher_.buffer().held_messages()));
  metrics.gauge("buffer_bytes", "Size of the payloads in the buffer", number(flusher_.buffer().held_bytes()));
  metrics.gauge("buffer_utilization", "Messages in the buffer divided by MQ_BUFFER_CAPACITY, 0 to 1",
                flusher_.buffer().utilization());
  metrics.gauge("drain_rate_messages_per_second", "Commit rate that Retry-After is computed from",
                flusher_.drain_rate());
  service::write_pool(metrics, database_.stats());
}

std::vector<service::MemoryPart> App::memory_parts() const {
  const std::uint64_t body = config_.service.http_max_body.count;
  const auto connections = static_cast<std::uint64_t>(config_.database.pool_size);
  // One body is parsed at a time; a text may fill it. A flush has one copy for its parameters, and libpq one for the
  // connection, which it keeps. Flushes together take flushing_bytes, or one publish.
  const std::uint64_t flushing = std::max<std::uint64_t>(flushing_bytes, body);
  return {{"parsing", 2 * body}, {"flushes", 2 * flushing + connections * body}};
}

boost::asio::awaitable<void> App::finish(base::TimePoint deadline) {
  co_await flusher_.drain(deadline);
  co_await database_.stop(deadline);
}

}  // namespace prompted::mqwriter
