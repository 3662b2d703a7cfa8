#pragma once
// A database pool as metrics and as a check of /readyz. Templates, because service must not know libs/postgres.
#include "service/daemon.hpp"
#include "service/metrics.hpp"

namespace prompted::service {

/// `stats` is a pg::Stats; `pool` tells several pools of one daemon apart.
template <class Stats>
void write_pool(MetricsWriter& metrics, const Stats& stats, std::string_view pool = "main") {
  metrics.gauge("db_connections", "Database connections that the pool may have", stats.workers, {{"pool", pool}});
  metrics.gauge("db_connections_up", "Database connections that are established", stats.connected, {{"pool", pool}});
  metrics.gauge("db_connections_busy", "Database connections at work", stats.busy, {{"pool", pool}});
  metrics.gauge("db_jobs_waiting", "Jobs that wait for a connection", static_cast<double>(stats.waiting),
                {{"pool", pool}});
  metrics.counter("db_jobs_total", "Jobs run", static_cast<double>(stats.jobs), {{"pool", pool}});
  metrics.counter("db_connections_lost_total", "Connections that broke", static_cast<double>(stats.lost),
                  {{"pool", pool}});
}

/// `database` is a pg::Database.
template <class Database>
Check database_check(const Database& database) {
  auto trouble = database.trouble();
  return {std::move(trouble.check), std::move(trouble.text)};
}

}  // namespace prompted::service
