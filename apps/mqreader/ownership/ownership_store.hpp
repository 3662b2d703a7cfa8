#pragma once
// Ownership's statements. They have a connection of their own, so that no poll, sweep or ack delays them past the TTL.
#include <boost/asio/awaitable.hpp>
#include <string>
#include <vector>

#include "mqreader/ownership/share_plan.hpp"
#include "postgres/database.hpp"

namespace prompted::mqreader {

/// A reader's row in queue_readers, and what the row is made of.
struct Registration {
  base::Uuid id;
  int first_partition = 0;
  int last_partition = 0;
  int partition_count = 0;
  std::string advertise_url;   ///< "" = advertised_address() with `port`
  std::string listen_address;  ///< LISTEN_ADDRESS
  std::uint16_t port = 0;
  double ttl_seconds = 10;
  std::string host;  ///< machine and network: only one process there can listen at an address
};

/// Earlier registrations of the address that this reader is about to register.
struct Predecessors {
  Predecessors() = default;  // not an aggregate: g++ 12 destroys those of coroutines twice

  std::string address;
  std::vector<base::Uuid> readers;
};

/// Every function throws what pg::Database::run throws.
class OwnershipStore {
 public:
  explicit OwnershipStore(pg::Database& database) : database_(database) {}

  /// Returns rows with this reader's address on its machine.
  boost::asio::awaitable<Predecessors> predecessors(Registration me, base::TimePoint deadline);
  /// Removes `dead` and expired readers, and inserts this reader's row and any missing partitions.
  boost::asio::awaitable<void> enter(Registration me, std::vector<base::Uuid> dead, base::TimePoint deadline);
  /// Removes the row of a silent reader, unless it was renewed in the meantime.
  boost::asio::awaitable<void> reap(LiveReader silent, base::TimePoint deadline);
  /// Renews this reader's row, reaps, and reads who owns what. `alive` is false if the row was gone or had expired.
  boost::asio::awaitable<OwnershipView> heartbeat(Registration me, base::TimePoint deadline);
  /// Claims partitions. Returns those of `wanted` that this reader owns now.
  boost::asio::awaitable<std::vector<int>> claim(base::Uuid me, std::vector<int> wanted, base::TimePoint deadline);
  boost::asio::awaitable<void> release(base::Uuid me, std::vector<int> given, base::TimePoint deadline);
  boost::asio::awaitable<void> leave(base::Uuid me, base::TimePoint deadline);

 private:
  pg::Database& database_;
};

}  // namespace prompted::mqreader
