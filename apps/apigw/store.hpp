#pragma once
// The only pair that touches Postgres. Outages throw base::Error (503).
#include <boost/asio/awaitable.hpp>
#include <optional>
#include <string>

#include "apigw/query.hpp"
#include "base/clock.hpp"
#include "postgres/database.hpp"

namespace prompted::apigw {

/// The place after a row, in the texts PostgreSQL gave.
struct Cursor {
  Cursor(std::string at, std::string row) : timestamp(std::move(at)), id(std::move(row)) {}

  std::string timestamp;
  std::string id;
};

struct Page {
  Page() = default;  // not an aggregate: it travels through coroutines (PITFALLS.md)

  std::string entries;  ///< JSON objects, comma between them
  std::size_t rows = 0;
  std::optional<Cursor> next;  ///< absent: that was the last page
};

class Store {
 public:
  explicit Store(pg::Database& db) : db_(db) {}

  /// `{"gpus":[{"id":"…"},…]}`, sorted by id (bytewise).
  boost::asio::awaitable<std::string> list_gpus(base::TimePoint deadline);

  /// The rows of the window after `cursor` (absent: from its start), ascending by timestamp then id, bounded in rows and in
  /// bytes. Each page is an independent statement, so nothing is held while a client reads.
  boost::asio::awaitable<Page> telemetry(Window window, std::optional<Cursor> cursor, base::TimePoint deadline);

 private:
  pg::Database& db_;
};

}  // namespace prompted::apigw
