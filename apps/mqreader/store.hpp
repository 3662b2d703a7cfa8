#pragma once
// mqreader's only way to Postgres. Everything throws as pg::Database::run.
#include <boost/asio/awaitable.hpp>
#include <string>
#include <vector>

#include "mqreader/poll_plan.hpp"
#include "mqreader/topic_store.hpp"
#include "postgres/database.hpp"

namespace prompted::mqreader {

class Store {
 public:
  explicit Store(pg::Database& database) : database_(database) {}

  boost::asio::awaitable<PollReply> poll(std::string topic, PollRequest request, base::TimePoint deadline);
  boost::asio::awaitable<void> new_incarnation(base::Uuid value, base::TimePoint deadline);
  /// The number of rows that came from another cluster.
  boost::asio::awaitable<std::size_t> adopt_foreign_rows(std::vector<int> partitions, base::TimePoint deadline);

  boost::asio::awaitable<void> remove(std::vector<MessageKey> keys, base::TimePoint deadline);
  /// The ids whose row is still there.
  boost::asio::awaitable<std::vector<std::int64_t>> persist_attempts(std::vector<Write> writes,
                                                                     base::TimePoint deadline);
  boost::asio::awaitable<void> bury(std::vector<Write> writes, base::TimePoint deadline);

  /// Rows that were handed over by the poll and are still in the table; `most` a partition.
  boost::asio::awaitable<SeenReply> list_seen(std::string topic, std::vector<PollPlan::Seen> seen, int most,
                                              base::TimePoint deadline);
  boost::asio::awaitable<std::vector<Row>> fetch(std::vector<std::int64_t> ids, base::TimePoint deadline);

 private:
  pg::Database& database_;
};

/// What the planner may not do on these connections (QUEUE.md): with these the poll is an index scan on an empty, a
/// drained-then-analyzed and a full table alike.
std::vector<std::string> connection_settings();

}  // namespace prompted::mqreader
