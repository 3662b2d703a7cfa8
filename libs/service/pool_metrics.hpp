#pragma once
// A database pool's metrics and /readyz check. Templates, because libs/service must not depend on libs/postgres.
#include "service/daemon.hpp"
#include "service/metrics.hpp"

namespace prompted::service {

/// `stats` is a pg::PoolStats; `pool` distinguishes the pools of one daemon.
template <class Stats>
void write_pool(MetricsWriter& metrics, const Stats& stats, std::string_view pool = "main") {
  metrics.gauge("db_connections", "Size of the connection pool", stats.workers, {{"pool", pool}});
  metrics.gauge("db_connections_up", "Established database connections", stats.connected, {{"pool", pool}});
  metrics.gauge("db_connections_busy", "Database connections running a job", stats.busy, {{"pool", pool}});
  metrics.gauge("db_jobs_waiting", "Database jobs waiting for a connection", static_cast<double>(stats.waiting),
                {{"pool", pool}});
  metrics.counter("db_jobs_total", "Database jobs run", static_cast<double>(stats.jobs), {{"pool", pool}});
  metrics.counter("db_connections_lost_total", "Database connections lost", static_cast<double>(stats.lost),
                  {{"pool", pool}});
  for (const auto& [name, statement] : stats.statements)
    metrics.summary("db_statement_duration_seconds", "SQL statements, from the call to the last row of the result",
                    statement.runs, statement.time, {{"pool", pool}, {"statement", name}});
  for (const auto& [name, statement] : stats.statements)
    metrics.counter("db_statement_failures_total", "SQL statements that failed or whose connection broke",
                    static_cast<double>(statement.failures), {{"pool", pool}, {"statement", name}});
}

/// `database` is a pg::Database.
template <class Database>
Check database_check(const Database& database) {
  auto trouble = database.trouble();
  return {std::move(trouble.check), std::move(trouble.text)};
}

}  // namespace prompted::service
