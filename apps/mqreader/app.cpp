#include "mqreader/app.hpp"

#include "mqreader/memory_parts.hpp"
#include "mqreader/metrics.hpp"
#include "mqreader/routes.hpp"
#include "service/pool_metrics.hpp"

namespace prompted::mqreader {

namespace {

constexpr int schema_needed = 11;  // migrations/: queue_settings

pg::Options database_options(const Config& config) {
  auto options = config.database.options<pg::Options>("prompted-mqreader");
  options.on_connect = connection_settings();
  options.admit = pg::admit_to_queue(schema_needed, static_cast<int>(config.partition_count));
  return options;
}

TopicOptions topic_options(const Config& config) {
  TopicOptions options;
  options.limits.messages = config.memory_messages;
  options.limits.bytes = static_cast<std::int64_t>(config.memory_bytes.count);
  options.limits.max_attempts = static_cast<int>(config.max_attempts);
  options.partition_count = static_cast<int>(config.partition_count);
  options.poll.batch = static_cast<int>(config.poll_batch);
  options.poll.interval = config.poll_interval;
  options.sweep_interval = config.sweep_interval;
  options.response_bytes = config.service.http_response_budget.count * 5 / 6;  // what exceeds all of it would be a 503
  options.idle_limit = config.topic_idle;
  return options;
}

pg::Options ownership_database_options(const Config& config) {
  auto options = config.database.options<pg::Options>("prompted-mqreader-ownership");
  options.workers = 1;
  options.statement_timeout = config.lease_ttl / 2;
  options.admit = pg::admit_to_queue(schema_needed, static_cast<int>(config.partition_count));
  return options;
}

OwnershipOptions ownership_options(const Config& config) {
  OwnershipOptions options;
  options.first_partition = static_cast<int>(config.partition_start);
  options.last_partition = static_cast<int>(config.partition_end);
  options.partition_count = static_cast<int>(config.partition_count);
  options.advertise_url = config.advertise_url;
  options.listen_address = config.service.listen_address;
  options.ttl = config.lease_ttl;
  return options;
}

}  // namespace

App::App(boost::asio::io_context& owner, const Config& config)
    : config_(config),
      database_(owner, database_options(config)),
      ownership_database_(owner, ownership_database_options(config)),
      poll_store_(database_),
      lease_store_(database_),
      ownership_store_(ownership_database_),
      dead_letter_store_(database_, static_cast<int>(config.partition_count)),
      ownership_lease_(owner),
      broker_(owner, {poll_store_, lease_store_, dead_letter_store_}, ownership_lease_, topic_options(config),
              static_cast<std::size_t>(config.database.pool_size)),
      probe_(owner),
      ownership_(owner, ownership_store_, probe_, ownership_lease_, ownership_options(config),
                 [this](const std::vector<int>& owned) { broker_.set_partitions(owned); }),
      forwarder_(owner, broker_, ownership_),
      handlers_(broker_),
      dead_letters_(dead_letter_store_),
      dead_letter_handlers_(dead_letter_store_, dead_letters_),
      backlog_(
          owner, poll_store_, [this] { return broker_.partitions(); }, static_cast<int>(config.partition_count)),
      listener_(owner, config.database.url, "prompted_queue", [this] { broker_.wake(); }) {}

void App::add_routes(http::Router& router) {
  mqreader::add_routes(router, &handlers_, &forwarder_);
  mqreader::add_routes(router, &dead_letter_handlers_);
}

std::optional<http::Api> App::api() const { return mqreader::api(); }

std::vector<service::Check> App::checks() const {
  return {service::database_check(database_), {"partitions", ownership_.trouble()}};
}

void App::start(std::uint16_t port) {
  broker_.start();
  ownership_.start(port);
  backlog_.start();
}

void App::collect(service::MetricsWriter& metrics) const {
  write_metrics(metrics, broker_);
  metrics.gauge("listener_connected", "1 while the LISTEN connection for writers' NOTIFYs is up, otherwise 0",
                listener_.connected() ? 1 : 0);
  const auto& owned = ownership_.counts();
  metrics.gauge("live_readers", "Readers whose registration has not expired",
                static_cast<double>(ownership_.live_readers()));
  metrics.gauge("partitions_orphaned", "Partitions outside the range of every live reader",
                static_cast<double>(ownership_.orphaned()));
  metrics.counter("ownership_beats_total", "Renewals of this reader's registration",
                  static_cast<double>(owned.heartbeats));
  metrics.counter("ownership_failures_total", "Renewals of this reader's registration that failed",
                  static_cast<double>(owned.heartbeat_failures));
  metrics.counter("partitions_claimed_total", "Partitions claimed", static_cast<double>(owned.claimed));
  metrics.counter("partitions_given_total", "Partitions released to other readers", static_cast<double>(owned.given));
  metrics.counter("ownership_lost_total", "Times this reader lost all its partitions",
                  static_cast<double>(owned.lost_all));
  metrics.counter("forwarded_total", "Acks, nacks and extends forwarded to another reader",
                  static_cast<double>(forwarder_.forwarded()));
  metrics.counter("redriven_total", "Dead letters redriven", static_cast<double>(dead_letters_.counts().redriven));
  metrics.counter("purged_total", "Dead letters purged", static_cast<double>(dead_letters_.counts().purged));
  write_backlog(metrics, backlog_.view());
  service::write_pool(metrics, database_.stats());
  service::write_pool(metrics, ownership_database_.stats(), "ownership");
}

std::vector<service::MemoryPart> App::memory_parts() const { return mqreader::memory_parts(config_); }

void App::stop_intake() {
  backlog_.stop();
  broker_.stop_intake();
  ownership_.leave();
}

boost::asio::awaitable<void> App::finish(base::TimePoint deadline) {
  co_await ownership_.left(deadline);
  co_await broker_.finish(deadline);
  co_await backlog_.stopped(deadline);
  co_await ownership_database_.stop(deadline);
  co_await database_.stop(deadline);
}

}  // namespace prompted::mqreader
