#pragma once
// mqwriter's only access to PostgreSQL.
#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "mqwriter/write_buffer.hpp"
#include "postgres/database.hpp"

namespace prompted::mqwriter {

using Publishes = std::vector<PublishPtr>;

/// Planner restrictions of these connections: a queue that the planner has seen drained looks cheap to scan.
std::vector<std::string> connection_settings();

inline constexpr int schema_needed = 11;  ///< migrations/: queue_settings

/// Why one publish cannot be stored, and its first message at fault.
struct Fault {
  enum class Kind {
    none,           ///< nothing is wrong with it: retry
    refused,        ///< PostgreSQL cannot represent it as jsonb
    other_content,  ///< its id is in the queue with other content
  };
  Kind kind = Kind::none;
  std::size_t message = 0;
};

class Store {
 public:
  explicit Store(pg::Database& database) : database_(database) {}

  /// Inserts all messages of the batch in one statement, one commit. Result: for each publish with a key how many of
  /// its messages were in the queue already. Throws as pg::Database::run; StatementError::data_error() when one of them
  /// cannot be stored (find_fault() tells which), and unique_violation() when the sequence of queue_messages.id is
  /// behind its rows.
  boost::asio::awaitable<std::vector<std::size_t>> insert(Publishes batch, base::TimePoint deadline);
  boost::asio::awaitable<Fault> find_fault(PublishPtr publish, base::TimePoint deadline);
  /// Notifies readers of new messages. The hint may be lost.
  boost::asio::awaitable<void> notify(base::TimePoint deadline);

 private:
  pg::Database& database_;
};

}  // namespace prompted::mqwriter
