#pragma once
// PostgreSQL access for dead letters. Every function throws what pg::Database::run throws, and base::Error(invalid) for
// a topic that is not UTF-8.
#include <boost/asio/awaitable.hpp>
#include <optional>
#include <string>
#include <vector>

#include "models/dead_letters.hpp"
#include "mqreader/lease/writes.hpp"
#include "mqreader/poll/incarnation.hpp"
#include "postgres/database.hpp"

namespace prompted::mqreader {

/// What to do with dead letters.
enum class DeadLetterAction {
  redrive,  ///< put back into the queue
  purge,    ///< delete
};

/// Progress of a request for "all" dead letters, page by page.
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

  /// Moves messages from the queue to dead_letters. Does nothing and returns false if the server is not the one they
  /// were read from.
  boost::asio::awaitable<bool> add(std::vector<DeadMessage> messages, ServerId server, base::TimePoint deadline);

  /// Returns one page as the response's JSON text, bounded in rows and bytes.
  boost::asio::awaitable<std::string> list(models::DeadLetterQuery query, base::TimePoint deadline);

  boost::asio::awaitable<std::string> read_clock(base::TimePoint deadline);
  /// Moves the page after `scan` in one statement.
  boost::asio::awaitable<ScannedPage> move_page(DeadLetterAction action, DeadLetterScan scan, base::TimePoint deadline);
  /// Moves the named dead letters that exist in one statement. Returns their number.
  boost::asio::awaitable<std::size_t> move_named(DeadLetterAction action, std::optional<std::string> topic,
                                                 std::vector<base::Uuid> uuids, base::TimePoint deadline);
  boost::asio::awaitable<void> notify(base::TimePoint deadline);

 private:
  pg::Database& database_;
  int partition_count_;
};

}  // namespace prompted::mqreader
