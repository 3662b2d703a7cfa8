#pragma once
// What follows from leases and is written to Postgres. Everything throws as pg::Database::run.
#include <boost/asio/awaitable.hpp>
#include <vector>

#include "mqreader/lease/writes.hpp"
#include "mqreader/poll/incarnation.hpp"
#include "postgres/database.hpp"

namespace prompted::mqreader {

class LeaseStore {
 public:
  explicit LeaseStore(pg::Database& database) : database_(database) {}

  /// Deletes messages that were acknowledged. Does nothing and returns false when the server is not the one that they
  /// were read from.
  boost::asio::awaitable<bool> remove(std::vector<MessageKey> keys, ServerId server, base::TimePoint deadline);
  /// The ids whose row is still there.
  boost::asio::awaitable<std::vector<std::int64_t>> persist_attempts(std::vector<AttemptWrite> writes,
                                                                     base::TimePoint deadline);

 private:
  pg::Database& database_;
};

}  // namespace prompted::mqreader
