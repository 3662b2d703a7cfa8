#include "mqreader/app.hpp"

#include <numeric>

#include "mqreader/metrics.hpp"
#include "service/pool_metrics.hpp"

namespace prompted::mqreader {

namespace {

pg::Options database_options(const Config& config) {
  pg::Options options;
  options.dsn = config.database.url;
  options.application_name = "prompted-mqreader";
  options.workers = static_cast<int>(config.database.pool_size);
  options.on_connect = connection_settings();
  return options;
}

TopicOptions topic_options(const Config& config) {
  TopicOptions options;
  options.limits.messages = config.memory_messages;
  options.limits.bytes = static_cast<std::int64_t>(config.memory_bytes.count);
  options.limits.max_attempts = static_cast<int>(config.max_attempts);
  options.partition_count = static_cast<int>(config.partition_count);
  options.poll_batch = static_cast<int>(config.poll_batch);
  options.poll_interval = config.poll_interval;
  options.sweep_interval = config.sweep_interval;
  return options;
}

std::vector<int> range(std::int64_t first, std::int64_t last) {
  std::vector<int> keys(static_cast<std::size_t>(last - first + 1));
  std::iota(keys.begin(), keys.end(), static_cast<int>(first));
  return keys;
}

}  // namespace

App::App(boost::asio::io_context& owner, const Config& config)
    : config_(config),
      database_(owner, database_options(config)),
      store_(database_),
      broker_(owner, store_, topic_options(config), static_cast<std::size_t>(config.database.pool_size)),
      handlers_(broker_),
      listener_(owner, config.database.url, "prompted_queue", [this] { broker_.wake(); }) {
  broker_.set_partitions(range(config.partition_start, config.partition_end));
}

void App::add_routes(http::Router& router) { mqreader::add_routes(router, handlers_, config_.service.http_max_body.count); }

std::vector<service::Check> App::checks() const {
  return {{"postgres", [this] { return database_.ready(); }}};
}

void App::collect(service::MetricsWriter& metrics) const {
  write_metrics(metrics, broker_);
  metrics.gauge("listener_connected", "1 while writers' hints can be heard", listener_.connected() ? 1 : 0);
  service::write_pool(metrics, database_.stats());
}

boost::asio::awaitable<void> App::finish(base::TimePoint deadline) {
  co_await broker_.finish(deadline);
  co_await database_.stop(deadline);
}

}  // namespace prompted::mqreader
