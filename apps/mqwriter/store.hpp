#pragma once
// mqwriter's only way to Postgres.
#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <optional>
#include <vector>

#include "base/clock.hpp"
#include "mqwriter/write_buffer.hpp"
#include "postgres/database.hpp"

namespace prompted::mqwriter {

using Batch = std::vector<PublishPtr>;

class Store {
 public:
  explicit Store(pg::Database& database) : database_(database) {}

  /// Inserts all messages of the batch in one statement, one commit. Result: for each publish how many of its messages were
  /// in the queue already. Throws as pg::Database::run; StatementError::data_error() when a payload is refused.
  boost::asio::awaitable<std::vector<std::size_t>> insert(Batch batch, base::TimePoint deadline);
  /// The index of the first message that Postgres refuses as jsonb; nullopt when it takes each of them alone.
  boost::asio::awaitable<std::optional<std::size_t>> first_refused(PublishPtr publish, base::TimePoint deadline);
  /// Tells readers that there is something new. A hint: may be lost.
  boost::asio::awaitable<void> notify(base::TimePoint deadline);

 private:
  pg::Database& database_;
};

}  // namespace prompted::mqwriter
