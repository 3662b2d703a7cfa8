#pragma once
// The collector's only access to PostgreSQL.
#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <span>
#include <vector>

#include "base/clock.hpp"
#include "models/telemetry_row.hpp"
#include "postgres/database.hpp"

namespace prompted::collector {

inline constexpr int schema_needed = 3;  ///< migrations/: telemetry's columns

struct Inserted {
  Inserted() = default;  // not an aggregate: g++ 12 destroys those of coroutines twice

  std::size_t fresh = 0;                  ///< the others were there already
  std::vector<base::Uuid> other_content;  ///< of those: with other values than the given row
};

class Store {
 public:
  explicit Store(pg::Database& db) : db_(db) {}

  /// Inserts rows that are not there yet, all in one statement. A retry is harmless. Throws pg::StatementError if
  /// PostgreSQL refuses, base::Error if it does not respond (outcome unknown). The rows stay alive and unchanged until
  /// it returns.
  boost::asio::awaitable<Inserted> insert(std::span<const models::TelemetryRow> rows, base::TimePoint deadline);

  /// A connection is up.
  bool ready() const { return db_.ready(); }

 private:
  pg::Database& db_;
};

}  // namespace prompted::collector
