#include "mqreader/poll/poll_store.hpp"

#include <charconv>
#include <cstdlib>

#include "mqreader/poll/sql.hpp"
#include "postgres/session.hpp"

namespace prompted::mqreader {

namespace {

using pg::Array;
using pg::ElementType;

constexpr int adopted_at_once = 5000;

template <class T>
T number(const pqxx::field& field) {
  T value{};
  std::from_chars(field.c_str(), field.c_str() + field.size(), value);
  return value;
}

std::string text(const pqxx::field& field) {
  return field.is_null() ? std::string() : std::string(field.c_str(), field.size());
}

Row row_of(const pqxx::row& columns) {
  Row row;
  row.id = number<std::int64_t>(columns[0]);
  row.xid = number<std::uint64_t>(columns[1]);
  row.partition = number<int>(columns[2]);
  row.uuid = base::parse_uuid(std::string_view(columns[3].c_str(), columns[3].size())).value_or(base::Uuid{});
  row.attempts = number<int>(columns[4]);
  row.created = std::strtod(columns[5].c_str(), nullptr);
  row.payload = text(columns[6]);
  return row;
}

PollResult run_poll(pg::Session& session, const std::string& topic, const PollRequest& request) {
  Array partitions(ElementType::int4), xids(ElementType::xid8), ids(ElementType::int8);
  for (std::size_t i = 0; i < request.partitions.size(); ++i) {
    partitions.add(static_cast<std::int32_t>(request.partitions[i]));
    xids.add(request.cursors[i].xid);
    ids.add(request.cursors[i].id);
  }
  const char* target = request.target ? request.target->c_str() : nullptr;
  const auto rows = session.exec(sql::poll, pg::binary(partitions), pg::binary(xids), pg::binary(ids), request.base,
                                 target, request.rows_per_partition, topic, request.rows, request.bytes);
  PollResult result;
  result.rows.reserve(static_cast<std::size_t>(rows.size()));
  for (const auto& columns : rows) {
    if (columns[0].is_null()) {
      result.snapshot = text(columns[6]);
      result.server = {text(columns[7]), text(columns[8])};
    } else if (columns[6].is_null()) {
      result.cut = true;
      break;
    } else {
      result.rows.push_back(row_of(columns));
    }
  }
  return result;
}

SeenResult run_list_seen(pg::Session& session, const std::string& topic, const std::vector<PollPlan::Seen>& seen,
                         int most) {
  Array partitions(ElementType::int4), bases(ElementType::text), targets(ElementType::text), xids(ElementType::xid8),
      ids(ElementType::int8), floors(ElementType::xid8);
  for (const auto& part : seen) {
    partitions.add(static_cast<std::int32_t>(part.partition));
    bases.add(std::string_view(part.base));
    targets.add(std::string_view(part.target));
    xids.add(part.cursor.xid);
    ids.add(part.cursor.id);
    floors.add(part.floor);
  }
  const auto rows = session.exec(sql::list_seen, pg::binary(partitions), pg::binary(bases), pg::binary(targets),
                                 pg::binary(xids), pg::binary(ids), topic, most, pg::binary(floors));
  SeenResult result;
  for (const auto& columns : rows) {
    if (columns[0].is_null()) {
      result.server = {text(columns[2]), text(columns[3])};
      continue;
    }
    const auto uuid = base::parse_uuid(columns[1].c_str()).value_or(base::Uuid{});
    result.keys.push_back({number<std::int64_t>(columns[0]), uuid});
  }
  return result;
}

}  // namespace

std::vector<std::string> connection_settings() {
  return {"SET synchronous_commit = on",
          "SET enable_sort = off",
          "SET enable_incremental_sort = off",
          "SET enable_bitmapscan = off",
          "SET enable_seqscan = off",
          "SET enable_hashjoin = off",
          "SET enable_mergejoin = off",
          "SET jit = off",
          "SET max_parallel_workers_per_gather = 0"};
}

boost::asio::awaitable<PollResult> PollStore::poll(std::string topic, PollRequest request, base::TimePoint deadline) {
  auto work = [topic = std::move(topic), request = std::move(request)](pg::Session& session) {
    return run_poll(session, topic, request);
  };
  return database_.run(std::move(work), deadline);
}

boost::asio::awaitable<void> PollStore::new_incarnation(base::Uuid value, base::TimePoint deadline) {
  auto work = [value](pg::Session& session) { session.exec(sql::new_incarnation, base::to_string(value)); };
  return database_.run(std::move(work), deadline);
}

boost::asio::awaitable<std::size_t> PollStore::adopt_foreign_rows(std::string topic, std::vector<int> partitions,
                                                                  base::TimePoint deadline) {
  auto work = [topic = std::move(topic), partitions = std::move(partitions)](pg::Session& session) {
    Array keys(ElementType::int4);
    for (int key : partitions) keys.add(static_cast<std::int32_t>(key));
    return static_cast<std::size_t>(
        session.exec(sql::adopt_foreign_rows, pg::binary(keys), topic, adopted_at_once).affected_rows());
  };
  return database_.run(std::move(work), deadline);
}

boost::asio::awaitable<SeenResult> PollStore::list_seen(std::string topic, std::vector<PollPlan::Seen> seen, int most,
                                                        base::TimePoint deadline) {
  auto work = [topic = std::move(topic), seen = std::move(seen), most](pg::Session& session) {
    return run_list_seen(session, topic, seen, most);
  };
  return database_.run(std::move(work), deadline);
}

boost::asio::awaitable<BacklogView> PollStore::count_backlog(std::vector<int> partitions, int partition_count,
                                                             base::TimePoint deadline) {
  auto work = [partitions = std::move(partitions), partition_count](pg::Session& session) {
    Array keys(ElementType::int4);
    for (int key : partitions) keys.add(static_cast<std::int32_t>(key));
    BacklogView view;
    for (const auto& columns : session.exec(sql::count_backlog, pg::binary(keys), partition_count)) {
      if (columns[0].is_null()) view.stranded = number<std::int64_t>(columns[1]);
      else
        view.topics.push_back(
            {text(columns[0]), number<std::int64_t>(columns[1]), std::strtod(columns[2].c_str(), nullptr)});
    }
    return view;
  };
  return database_.run(std::move(work), deadline);
}

boost::asio::awaitable<std::vector<Row>> PollStore::fetch(std::vector<std::int64_t> ids, base::TimePoint deadline) {
  auto work = [ids = std::move(ids)](pg::Session& session) {
    Array keys(ElementType::int8);
    for (auto id : ids) keys.add(id);
    std::vector<Row> rows;
    for (const auto& columns : session.exec(sql::fetch_messages, pg::binary(keys))) rows.push_back(row_of(columns));
    return rows;
  };
  return database_.run(std::move(work), deadline);
}

}  // namespace prompted::mqreader
