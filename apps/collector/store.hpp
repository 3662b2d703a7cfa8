#pragma once
// The only pair that touches Postgres.
#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <span>

#include "base/clock.hpp"
#include "models/telemetry_row.hpp"
#include "postgres/database.hpp"

namespace prompted::collector {

class Store {
 public:
  explicit Store(pg::Database& db) : db_(db) {}

  /// Inserts rows that are not there yet, all in one statement, and returns how many were new. Repeating it is harmless.
  /// Throws pg::StatementError when Postgres refuses, base::Error when it does not answer (outcome unknown). The rows
  /// stay alive and unchanged until it returns.
  boost::asio::awaitable<std::size_t> insert(std::span<const models::TelemetryRow> rows, base::TimePoint deadline);

  /// A connection is up.
  bool ready() const { return db_.ready(); }

 private:
  pg::Database& db_;
};

}  // namespace prompted::collector
