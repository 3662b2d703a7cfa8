#pragma once
// Reads the queue for the poll, the sweep and the backlog count. Every function throws what pg::Database::run throws.
#include <boost/asio/awaitable.hpp>
#include <string>
#include <vector>

#include "mqreader/poll/poll_plan.hpp"
#include "postgres/database.hpp"

namespace prompted::mqreader {

/// The rows that wait in the table, for metrics.
struct BacklogView {
  BacklogView() = default;  // not an aggregate: g++ 12 destroys those of coroutines twice

  struct Topic {
    std::string name;
    std::int64_t rows = 0;
    double oldest_created = 0;  ///< seconds since 1970
  };
  std::vector<Topic> topics;  ///< the first 16 in order of their names
  std::int64_t stranded = 0;  ///< rows of partitions beyond the queue's count, which no reader may own
};

class PollStore {
 public:
  explicit PollStore(pg::Database& database) : database_(database) {}

  boost::asio::awaitable<PollResult> poll(std::string topic, PollRequest request, base::TimePoint deadline);
  boost::asio::awaitable<void> new_incarnation(base::Uuid value, base::TimePoint deadline);
  /// Adopts the next few rows from another cluster. Returns their number, 0 when none is left.
  boost::asio::awaitable<std::size_t> adopt_foreign_rows(std::string topic, std::vector<int> partitions,
                                                         base::TimePoint deadline);
  /// Rows that were handed over by the poll and are still in the table; `most` a partition.
  boost::asio::awaitable<SeenResult> list_seen(std::string topic, std::vector<PollPlan::Seen> seen, int most,
                                               base::TimePoint deadline);
  /// Counts the backlog of `partitions`, up to 10,000 rows each.
  boost::asio::awaitable<BacklogView> count_backlog(std::vector<int> partitions, int partition_count,
                                                    base::TimePoint deadline);
  boost::asio::awaitable<std::vector<Row>> fetch(std::vector<std::int64_t> ids, base::TimePoint deadline);

 private:
  pg::Database& database_;
};

/// Planner settings of these connections. They make the poll an index scan on an empty, a drained-then-analyzed and a
/// full table alike.
std::vector<std::string> connection_settings();

}  // namespace prompted::mqreader
