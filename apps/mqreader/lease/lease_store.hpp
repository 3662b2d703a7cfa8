#pragma once
// Writes acks and attempts to PostgreSQL. Every function throws what pg::Database::run throws.
#include <boost/asio/awaitable.hpp>
#include <vector>

#include "mqreader/lease/writes.hpp"
#include "mqreader/poll/incarnation.hpp"
#include "postgres/database.hpp"

namespace prompted::mqreader {

class LeaseStore {
 public:
  explicit LeaseStore(pg::Database& database) : database_(database) {}

  /// Deletes acknowledged messages. Does nothing and returns false if the server is not the one they were read from.
  boost::asio::awaitable<bool> remove(std::vector<MessageKey> keys, ServerId server, base::TimePoint deadline);
  /// Returns the ids whose rows still exist.
  boost::asio::awaitable<std::vector<std::int64_t>> persist_attempts(std::vector<AttemptWrite> writes,
                                                                     base::TimePoint deadline);

 private:
  pg::Database& database_;
};

}  // namespace prompted::mqreader
