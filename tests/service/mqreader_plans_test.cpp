// What mqreader's statements read, whatever the planner's statistics: each runs on a queue of 90,000 messages and may
// touch little more than its own rows. At 90,000 the primary key has one level less than the other indexes and looks
// cheaper.
#include <gtest/gtest.h>
#include <map>

#include <nlohmann/json.hpp>
#include <pqxx/pqxx>

#include "mqreader/dead_letters/sql.hpp"
#include "mqreader/lease/sql.hpp"
#include "mqreader/poll/poll_store.hpp"
#include "mqreader/poll/sql.hpp"
#include "mqwriter/sql.hpp"
#include "mqwriter/store.hpp"
#include "postgres/libpqxx.hpp"
#include "support/postgres_cluster.hpp"

namespace prompted::test {
namespace {

using nlohmann::json;

/// The planner's statistics for the two tables.
enum class Statistics { none, drained, full };

/// Rows read from the tables, and row pairs that a join discarded.
long rows_touched(const json& node) {
  const long loops = node["Actual Loops"];
  long each = node.contains("Relation Name") ? node["Actual Rows"].get<long>() : 0;
  for (const char* removed : {"Rows Removed by Filter", "Rows Removed by Join Filter", "Rows Removed by Index Recheck"})
    each += node.value(removed, 0L);
  long sum = each * loops;
  for (const auto& child : node.value("Plans", json::array())) sum += rows_touched(child);
  return sum;
}

std::string array_of(std::size_t size, const std::string& element) {
  std::string text = "{";
  for (std::size_t i = 0; i < size; ++i) text += (i == 0 ? "" : ",") + element;
  return text + "}";
}

class MqreaderPlans : public testing::TestWithParam<Statistics> {
 protected:
  MqreaderPlans() {
    for (const auto& setting : mqreader::connection_settings()) run(setting);
    if (GetParam() == Statistics::drained) {
      fill();
      run("DELETE FROM queue_messages");
      run("DELETE FROM dead_letters");
      run("VACUUM (TRUNCATE off, ANALYZE) queue_messages, dead_letters");
      EXPECT_EQ(one("SELECT reltuples FROM pg_class WHERE relname = 'queue_messages'"), "0");
      EXPECT_NE(one("SELECT relpages FROM pg_class WHERE relname = 'queue_messages'"), "0");
    }
    fill();
    if (GetParam() == Statistics::full) run("ANALYZE queue_messages, dead_letters");
    partitions_ = one("SELECT array_agg(g)::text FROM generate_series(0, 255) g");
    // In the middle: the first ids are where a wrong plan would happen to end soon.
    const std::string some = " FROM (SELECT * FROM queue_messages ORDER BY id OFFSET 45000 LIMIT 1000) q";
    ids_ = one("SELECT array_agg(id)::text" + some);
    uuids_ = one("SELECT array_agg(msg_uuid)::text" + some);
    run("INSERT INTO queue_incarnation VALUES (1, gen_random_uuid())");
    incarnation_ = one("SELECT v::text FROM queue_incarnation");
    start_ = one("SELECT extract(epoch FROM pg_postmaster_start_time())::text");
    xid_ = std::stol(one("SELECT max(xid::text::bigint)::text FROM queue_messages"));
  }

  void run(const std::string& text) { pqxx::nontransaction(connection_).exec(text); }
  std::string one(const std::string& text) { return pqxx::nontransaction(connection_).exec(text)[0][0].c_str(); }
  void fill() {
    run("INSERT INTO queue_messages (topic, msg_uuid, payload, partition_key)"
        " SELECT 'telemetry', gen_random_uuid(), '{\"gpu_id\":\"1\"}', g % 256 FROM generate_series(1, 90000) g");
    run("INSERT INTO dead_letters (topic, msg_uuid, payload, partition_key, attempts, reason, created_at)"
        " SELECT 'telemetry', gen_random_uuid(), '{}', 0, 20, 'x', now() FROM generate_series(1, 30000) g");
  }

  /// Runs the statement and rolls it back. `most` counts a row each time it is read.
  template <class... Args>
  void expect_touched(const pg::Statement& statement, long most, const Args&... args) {
    pqxx::work work(connection_);
    const auto result =
        pg::exec_params(work, "EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) " + std::string(statement.text), args...);
    const json plan = json::parse(result[0][0].c_str())[0]["Plan"];
    const long touched = rows_touched(plan);
    EXPECT_LE(touched, most) << statement.name << plan.dump(1);
  }

  pqxx::connection connection_{PostgresCluster::shared().migrated_database()};
  std::string partitions_, ids_, uuids_, incarnation_, start_;
  long xid_ = 0;
  const std::string zeros_ = array_of(256, "0");
};

TEST_P(MqreaderPlans, APollReadsItsPage) {
  const char* const none = nullptr;
  const auto snapshot = [](long from, long to, const std::string& in_progress) {
    return std::to_string(from) + ":" + std::to_string(to) + ":" + in_progress;
  };
  // From the beginning; what was in progress at the last poll; nothing new.
  for (const std::string& base : {snapshot(1, 1, ""), snapshot(xid_ - 3, xid_ + 1, std::to_string(xid_)),
                                  snapshot(xid_ - 9, xid_ + 1, std::to_string(xid_ - 9))})
    expect_touched(mqreader::sql::poll, 2500, partitions_, zeros_, zeros_, base, none, 1000, "telemetry", 1000,
                   16 * 1024 * 1024);
}

TEST_P(MqreaderPlans, ASweepReadsWhatWasHandedOver) {
  const std::string all = array_of(256, std::to_string(xid_ + 1) + ":" + std::to_string(xid_ + 1) + ":");
  expect_touched(mqreader::sql::list_seen, 256 * 10 + 10, partitions_, all, all, zeros_, zeros_, "telemetry", 10,
                 zeros_);
  // From a floor above all of it: the rows below, dead ones too, are not scanned again.
  expect_touched(mqreader::sql::list_seen, 256, partitions_, all, all, zeros_, zeros_, "telemetry", 10,
                 array_of(256, std::to_string(xid_ + 1)));
}

TEST_P(MqreaderPlans, APollDoesNotPayForOtherTopics) {
  run("INSERT INTO queue_messages (topic, msg_uuid, payload, partition_key)"
      " SELECT t, gen_random_uuid(), '{}', g % 256 FROM generate_series(1, 60000) g, unnest(ARRAY['a', 'unread']) t");
  run("INSERT INTO queue_messages (topic, msg_uuid, payload, partition_key) VALUES ('b', gen_random_uuid(), '{}', 7)");
  const char* const none = nullptr;
  expect_touched(mqreader::sql::poll, 600, partitions_, zeros_, zeros_, "1:1:", none, 1000, "b", 1000,
                 16 * 1024 * 1024);
  expect_touched(mqreader::sql::adopt_foreign_rows, 256, partitions_, "a", 5000);
}

TEST_P(MqreaderPlans, TheBacklogIsCountedByTopic) {
  run("INSERT INTO queue_messages (topic, msg_uuid, payload, partition_key)"
      " SELECT 'unread', gen_random_uuid(), '{}', g % 300 FROM generate_series(1, 3000) g");
  pqxx::work work(connection_);
  const auto rows = pg::exec_params(work, mqreader::sql::count_backlog.text, partitions_, 256);
  ASSERT_EQ(rows.size(), 3u);
  std::map<std::string, long> counted;
  for (const auto& row : rows) counted[row[0].is_null() ? "" : row[0].c_str()] = row[1].as<long>();
  EXPECT_EQ(counted, (std::map<std::string, long>{{"telemetry", 90000}, {"unread", 2560}, {"", 440}}));
}

TEST_P(MqreaderPlans, WritesTouchTheirMessages) {
  const std::string twos = array_of(1000, "2");
  expect_touched(mqreader::sql::delete_messages, 3100, ids_, uuids_, incarnation_, start_);
  expect_touched(mqreader::sql::persist_attempts, 3000, ids_, uuids_, twos);
  // Each is also looked up in telemetry, and read again from the deleted rows.
  expect_touched(mqreader::sql::dead_letter_messages, 5100, ids_, uuids_, twos, array_of(1000, "x"),
                 array_of(1000, "0"), incarnation_, start_);
  expect_touched(mqreader::sql::fetch_messages, 1000, ids_);
}

TEST_P(MqreaderPlans, DeadLettersMoveByPages) {
  const std::string nil = "00000000-0000-0000-0000-000000000000";
  const char* const none = nullptr;
  expect_touched(mqreader::sql::redrive_page, 3100, "", nil, none, "infinity", 1000, 256);
  expect_touched(mqreader::sql::purge_page, 3100, "", nil, none, "infinity", 1000);
  const std::string some =
      one("SELECT array_agg(msg_uuid)::text FROM (SELECT msg_uuid FROM dead_letters LIMIT 1000) l");
  expect_touched(mqreader::sql::redrive_named, 3100, some, none, 256);
  expect_touched(mqreader::sql::redrive_named, 3100, some, "telemetry", 256);
  expect_touched(mqreader::sql::purge_named, 3100, some, none);
  expect_touched(mqreader::sql::purge_named, 3100, some, "telemetry");
}

TEST_P(MqreaderPlans, ARepeatedPublishLooksForItsOwnMessagesOnly) {
  run("RESET ALL");
  for (const auto& setting : mqwriter::connection_settings()) run(setting);
  const std::string ones = array_of(1000, "1");
  const std::string same = one("SELECT array_agg('{\"gpu_id\":\"1\"}'::jsonb)::text FROM generate_series(1, 1000)");
  const std::string others = one("SELECT array_agg('{\"gpu_id\":\"2\"}'::jsonb)::text FROM generate_series(1, 1000)");
  // Each is looked at as an element, as a conflict and in the table; the inserted ones are none.
  expect_touched(mqwriter::sql::insert_keyed_messages, 4100, "{telemetry}", ones, uuids_, same, ones);
  expect_touched(mqwriter::sql::find_other_content, 2100, "telemetry", uuids_, same);
  expect_touched(mqwriter::sql::find_other_content, 2100, "telemetry", uuids_, others);
}

std::string name_of(const testing::TestParamInfo<Statistics>& statistics) {
  if (statistics.param == Statistics::none) return "unanalyzed";
  return statistics.param == Statistics::drained ? "drained" : "analyzed";
}

INSTANTIATE_TEST_SUITE_P(Queue, MqreaderPlans, testing::Values(Statistics::none, Statistics::drained, Statistics::full),
                         name_of);

}  // namespace
}  // namespace prompted::test
