#pragma once
// The statements of dead letters. Everything throws as pg::Database::run, and base::Error(invalid) for a topic that
// is no UTF-8.
#include <boost/asio/awaitable.hpp>
#include <optional>
#include <string>
#include <vector>

#include "models/dead_letters.hpp"
#include "mqreader/lease/writes.hpp"
#include "mqreader/poll/incarnation.hpp"
#include "postgres/database.hpp"

namespace prompted::mqreader {

/// Where dead letters go.
enum class DeadLetterAction {
  redrive,  ///< into the queue again
  purge,    ///< away
};

/// "All of them", page by page.
struct DeadLetterScan {
  DeadLetterScan() = default;  // not an aggregate: it travels through coroutines (docs/toolchain.md)

  std::optional<std::string> topic;
  std::string died_until;  ///< the server's clock when the request began
  std::string last_topic;  ///< key of the page's last row
  base::Uuid last_uuid;
};

struct ScannedPage {
  ScannedPage() = default;

  std::size_t moved = 0;
  bool more = false;
  std::string last_topic;
  base::Uuid last_uuid;
};

class DeadLetterStore {
 public:
  static constexpr std::size_t page_rows = 500;

  /// `partition_count`: of the queue that messages are redriven to.
  DeadLetterStore(pg::Database& database, int partition_count)
      : database_(database), partition_count_(partition_count) {}

  /// Moves messages from the queue to dead_letters. Does nothing and returns false when the server is not the one that
  /// they were read from.
  boost::asio::awaitable<bool> add(std::vector<DeadMessage> messages, ServerId server, base::TimePoint deadline);

  /// One page as the response's JSON text, bounded in rows and in bytes.
  boost::asio::awaitable<std::string> list(models::DeadLetterQuery query, base::TimePoint deadline);

  boost::asio::awaitable<std::string> read_clock(base::TimePoint deadline);
  /// The page behind `scan`, moved in one statement.
  boost::asio::awaitable<ScannedPage> move_page(DeadLetterAction action, DeadLetterScan scan, base::TimePoint deadline);
  /// Those of the named that exist, moved in one statement; their number.
  boost::asio::awaitable<std::size_t> move_named(DeadLetterAction action, std::optional<std::string> topic,
                                                 std::vector<base::Uuid> uuids, base::TimePoint deadline);
  boost::asio::awaitable<void> notify(base::TimePoint deadline);

 private:
  pg::Database& database_;
  int partition_count_;
};

}  // namespace prompted::mqreader
