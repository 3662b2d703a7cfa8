#pragma once
// Rows of telemetry from Postgres. Outages throw base::Error (503).
#include <boost/asio/awaitable.hpp>
#include <optional>
#include <string>
#include <vector>

#include "apigw/page.hpp"
#include "base/clock.hpp"
#include "postgres/database.hpp"

namespace prompted::apigw {

class TelemetryStore {
 public:
  explicit TelemetryStore(pg::Database& db) : db_(db) {}

  /// Returns the entries after `selection.after`: rows, or reduced values where the selection has an aggregation. Each
  /// page is an independent statement, so nothing is held while a client reads. `first`: nothing of the response was
  /// written yet.
  boost::asio::awaitable<Page> page(Selection selection, PageSize size, bool first, base::TimePoint deadline);

  /// Changes whenever a row is added to the selection or taken from it; absent above a million rows.
  boost::asio::awaitable<std::optional<std::string>> tag(Selection selection, base::TimePoint deadline);

  /// Returns those of the names that any GPU has.
  boost::asio::awaitable<std::vector<std::string>> known_metrics(std::vector<std::string> names,
                                                                 base::TimePoint deadline);

 private:
  pg::Database& db_;
};

}  // namespace prompted::apigw
