#pragma once
// Ownership's way to Postgres, over a connection of its own that no poll, sweep or ack can delay past the TTL.
#include <boost/asio/awaitable.hpp>
#include <string>
#include <vector>

#include "mqreader/share_plan.hpp"
#include "postgres/database.hpp"

namespace prompted::mqreader {

/// What a reader says of itself.
struct Registration {
  base::Uuid id;
  int lo = 0;
  int hi = 0;
  int partition_count = 0;
  std::string advertise_url;  ///< "" = the local address of the connection to Postgres, with `port`
  std::uint16_t port = 0;
  double ttl_seconds = 10;
};

/// Everything throws as pg::Database::run.
class OwnershipStore {
 public:
  explicit OwnershipStore(pg::Database& database) : database_(database) {}

  /// Reaps the expired, inserts my row and the partitions that are missing.
  boost::asio::awaitable<void> enter(Registration me, base::TimePoint deadline);
  /// Renews my row, reaps, and reads who owns what. `alive` is false when my row was gone or had expired.
  boost::asio::awaitable<OwnershipView> beat(Registration me, base::TimePoint deadline);
  /// Those of `wanted` that are mine now.
  boost::asio::awaitable<std::vector<int>> claim(base::Uuid me, std::vector<int> wanted, base::TimePoint deadline);
  boost::asio::awaitable<void> release(base::Uuid me, std::vector<int> given, base::TimePoint deadline);
  boost::asio::awaitable<void> leave(base::Uuid me, base::TimePoint deadline);

 private:
  pg::Database& database_;
};

}  // namespace prompted::mqreader
