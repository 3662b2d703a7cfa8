// Client-made ids: repeated idempotency keys, sequences behind their tables, and databases unfit for writing.
#include <future>

#include "models/partition.hpp"
#include "service/queue_fixture.hpp"
#include "support/migrations.hpp"

namespace prompted::test {
namespace {

class MqwriterKeys : public testing::Test {
 protected:
  void start(Environment more = {}, bool ready = true) {
    more["DATABASE_URL"] = url;
    daemon = std::make_unique<Daemon>("mqwriter", more);
    if (ready) daemon->wait_ready();
  }
  static std::string key(int n) {
    return "01890a5d-ac96-774b-bcce-b302099a80" + std::string(n < 16 ? "0" : "") + hex(n);
  }
  static std::string hex(int n) {
    char text[8];
    std::snprintf(text, sizeof text, "%x", static_cast<unsigned>(n));
    return text;
  }
  /// One message per value.
  static std::string body(const std::vector<int>& values) {
    std::string messages;
    for (int value : values)
      messages +=
          std::string(messages.empty() ? "" : ",") + R"({"gpu_id":"GPU-1","value":)" + std::to_string(value) + "}";
    return R"({"topic":"telemetry","messages":[)" + messages + "]}";
  }
  Reply publish(const std::string& text, const std::string& idempotency_key = "") const {
    std::multimap<std::string, std::string> headers;
    if (!idempotency_key.empty()) headers.emplace("Idempotency-Key", idempotency_key);
    return post(daemon->url() + "/v1/publish", text, headers);
  }
  std::string stored() const {
    std::string values;
    for (const auto& row : sql(url, "SELECT payload ->> 'value' FROM queue_messages ORDER BY msg_uuid"))
      values += (values.empty() ? "" : " ") + std::string(row[0].c_str());
    return values;
  }
  void expect_conflict(const Reply& response, std::size_t index, const std::string& uuid) const {
    EXPECT_EQ(response.status, 409) << response.body;
    EXPECT_EQ(response.json()["error"], "messages[" + std::to_string(index) + "]: msg_uuid " + uuid +
                                            " is in the queue with another content: use another Idempotency-Key");
  }
  std::string readyz() const { return get(daemon->url() + "/readyz").body; }

  std::string url = PostgresCluster::shared().migrated_database();
  std::unique_ptr<Daemon> daemon;
};

TEST_F(MqwriterKeys, AKeyThatStandsForAnotherContentIsRefusedWholeAndNamed) {
  start();
  EXPECT_EQ(publish(body({1, 2}), key(1)).body, R"({"accepted":2,"duplicates":0})");
  expect_conflict(publish(body({9}), key(1)), 0, key(1));
  expect_conflict(publish(body({7, 9}), key(0)), 1, key(1));  // key(0) is free, and stays so
  EXPECT_EQ(stored(), "1 2");
  EXPECT_EQ(publish(body({1, 2, 3}), key(1)).body, R"({"accepted":3,"duplicates":2})");
  EXPECT_EQ(stored(), "1 2 3");
}

TEST_F(MqwriterKeys, KeysThatOverlapAreDuplicatesOnlyWithTheSameContent) {
  start();
  EXPECT_EQ(publish(body({1, 2}), key(1)).status, 200);
  expect_conflict(publish(body({3}), key(2)), 0, key(2));
  EXPECT_EQ(publish(R"({"topic":"telemetry","messages":[{"value":2.0, "gpu_id":"GPU-1"}]})", key(2)).body,
            R"({"accepted":1,"duplicates":1})");
  EXPECT_EQ(publish(R"({"topic":"other","messages":[{"value":3, "gpu_id":"GPU-1"}]})", key(2)).body,
            R"({"accepted":1,"duplicates":0})");  // each topic its own ids
}

TEST_F(MqwriterKeys, InOneFlushTheFirstContentCountsAndTheOtherIsRefused) {
  start({{"DB_POOL_SIZE", "1"}});
  pqxx::connection blocker(url);
  pqxx::work lock(blocker);
  lock.exec("LOCK TABLE queue_messages IN SHARE ROW EXCLUSIVE MODE");
  std::vector<std::future<Reply>> responses;
  const auto send = [&](int value) {
    responses.push_back(std::async(std::launch::async, [this, value] { return publish(body({value}), key(1)); }));
    const double held = static_cast<double>(responses.size());
    ASSERT_TRUE(eventually([&] { return metric(*daemon, "mqwriter", "buffer_messages") == held; }));
  };
  send(0);  // a flush of its own, which waits for the lock; the next four come together
  for (const int value : {1, 1, 2, 1}) send(value);
  lock.commit();
  std::map<int, int> statuses;
  for (auto& response : responses) ++statuses[response.get().status];
  EXPECT_EQ(statuses, (std::map<int, int>{{200, 1}, {409, 4}}));
  EXPECT_EQ(stored(), "0");
}

TEST_F(MqwriterKeys, NeighboursOfARefusedPublishAreStored) {
  start({{"DB_POOL_SIZE", "1"}});
  EXPECT_EQ(publish(body({1}), key(1)).status, 200);
  pqxx::connection blocker(url);
  pqxx::work lock(blocker);
  lock.exec("LOCK TABLE queue_messages IN SHARE ROW EXCLUSIVE MODE");
  std::vector<std::future<Reply>> responses;
  const std::vector<std::pair<int, std::string>> sent{{4, ""}, {5, key(20)}, {9, key(1)}, {6, key(30)}, {7, ""}};
  for (const auto& [value, id] : sent) {
    responses.push_back(
        std::async(std::launch::async, [this, value = value, id = id] { return publish(body({value}), id); }));
    const double held = static_cast<double>(responses.size());
    ASSERT_TRUE(eventually([&] { return metric(*daemon, "mqwriter", "buffer_messages") == held; }));
  }
  lock.commit();
  for (std::size_t i = 0; i < responses.size(); ++i) EXPECT_EQ(responses[i].get().status, i == 2 ? 409 : 200) << i;
  EXPECT_EQ(number(url, "SELECT count(*) FROM queue_messages"), 5);
}

TEST_F(MqwriterKeys, AnotherTopicBetweenThemHidesNoConflict) {
  start({{"DB_POOL_SIZE", "1"}});
  pqxx::connection blocker(url);
  pqxx::work lock(blocker);
  lock.exec("LOCK TABLE queue_messages IN SHARE ROW EXCLUSIVE MODE");
  const auto of_topic = [](const std::string& topic, int value) {
    return R"({"topic":")" + topic + R"(","messages":[{"gpu_id":"GPU-1","value":)" + std::to_string(value) + "}]}";
  };
  std::vector<std::future<Reply>> responses;
  for (const auto& text : {of_topic("x", 0), of_topic("a", 1), of_topic("b", 2), of_topic("a", 3), of_topic("b", 2)}) {
    const std::string id = responses.empty() ? key(9) : key(1);
    responses.push_back(std::async(std::launch::async, [this, text, id] { return publish(text, id); }));
    const double held = static_cast<double>(responses.size());
    ASSERT_TRUE(eventually([&] { return metric(*daemon, "mqwriter", "buffer_messages") == held; }));
  }
  lock.commit();
  std::vector<std::string> bodies;
  for (auto& response : responses) {
    const Reply got = response.get();
    bodies.push_back(got.status == 200 ? got.body : std::to_string(got.status));
  }
  const std::string fresh = R"({"accepted":1,"duplicates":0})";
  EXPECT_EQ(bodies, (std::vector<std::string>{fresh, fresh, fresh, "409", R"({"accepted":1,"duplicates":1})"}));
  EXPECT_EQ(number(url, "SELECT count(*) FROM queue_messages"), 3);
}

/// The commit of a transaction without writes does not wait for a standby, so the publish it repeats may not have
/// reached it.
TEST_F(MqwriterKeys, ADuplicateIsAnsweredAfterARecordOfItsOwnInTheLog) {
  start();
  EXPECT_EQ(publish(body({1}), key(1)).status, 200);
  const std::string before = sql(url, "SELECT pg_current_wal_flush_lsn()")[0][0].c_str();
  EXPECT_EQ(publish(body({1}), key(1)).body, R"({"accepted":1,"duplicates":1})");
  EXPECT_TRUE(sql(url, "SELECT pg_current_wal_flush_lsn() > '" + before + "'")[0][0].as<bool>());
}

TEST_F(MqwriterKeys, ASequenceBehindItsRowsIsAnOutageAndNotADuplicate) {
  sql(url,
      "INSERT INTO queue_messages (id, topic, msg_uuid, payload, partition_key) SELECT g, 'telemetry', "
      "gen_random_uuid(), '{}', 0 "
      "FROM generate_series(1, 3000) g");
  start();
  const Reply refused = publish(body({1}), key(1));
  EXPECT_EQ(refused.status, 503) << refused.body;
  EXPECT_EQ(number(url, "SELECT count(*) FROM queue_messages WHERE payload <> '{}'"), 0);
  const auto lines = daemon->log_with("setval(pg_get_serial_sequence('queue_messages', 'id')");
  EXPECT_EQ(lines.size(), 1u) << "logged once, with what to do";
  sql(url, "SELECT setval(pg_get_serial_sequence('queue_messages', 'id'), (SELECT max(id) FROM queue_messages))");
  EXPECT_TRUE(eventually([&] { return publish(body({1}), key(1)).status == 200; }));
  EXPECT_EQ(publish(body({2})).body, R"({"accepted":1,"duplicates":0})");
  EXPECT_EQ(number(url, "SELECT count(*) FROM queue_messages WHERE payload <> '{}'"), 2);
}

TEST_F(MqwriterKeys, NamesAreAtMost256Characters) {
  start();
  const auto row = [](const std::string& name, std::size_t characters) {
    std::string text;
    for (std::size_t i = 0; i < characters; ++i) text += "ä";
    return R"({"topic":"telemetry","messages":[{"gpu_id":"GPU-1"},{"gpu_id":"GPU-2",")" + name + R"(":")" + text +
           R"("}]})";
  };
  for (const char* name :
       {"hostname", "Hostname", "pod", "namespace", "metric_name", "model_name", "modelName", "device", "container"}) {
    EXPECT_EQ(publish(row(name, 256)).status, 200) << name;
    expect_refused(daemon->url() + "/v1/publish", row(name, 257),
                   "messages[1]: " + std::string(name) + " must not be longer than 256 characters");
  }
  for (const char* name : {"labels_raw", "anything"}) EXPECT_EQ(publish(row(name, 5000)).status, 200) << name;
  const std::string id(257, 'x');
  expect_refused(daemon->url() + "/v1/publish", R"({"topic":"t","messages":[{"gpu_id":")" + id + "\"}]}",
                 "messages[0]: gpu_id must not be longer than 256 characters");
  expect_refused(daemon->url() + "/v1/publish", R"({"topic":"t","messages":[{"uuid":"GPU-)" + id + "\"}]}",
                 "messages[0]: uuid must not be longer than 256 characters");
}

TEST_F(MqwriterKeys, AServerThatTakesNoWritesIsNotThisDaemons) {
  const std::string database = url.substr(url.rfind('/') + 1, url.find('?') - url.rfind('/') - 1);
  start();
  const auto reconnect = [&](const std::string& setting) {
    sql(PostgresCluster::shared().url("postgres"),
        "ALTER DATABASE " + database + " SET default_transaction_read_only = " + setting);
    sql(url,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'prompted-mqwriter' AND "
        "datname = "
        "current_database()");
  };
  reconnect("on");
  EXPECT_TRUE(eventually([&] { return get(daemon->url() + "/readyz").status == 503; }));
  EXPECT_EQ(publish(body({1})).status, 503);
  reconnect("off");
  daemon->wait_ready();
  EXPECT_EQ(publish(body({1})).status, 200);
}

TEST_F(MqwriterKeys, AnOlderSchemaIsSaidInReadyz) {
  Migrations migrations;
  url = migrations.url();
  start({}, false);
  ASSERT_TRUE(eventually([&] {
    return readyz().find("no tables, version 11 needed: make migrate-up") != std::string::npos;
  })) << readyz();
  migrations.must(MigrateWith::psql, "up 9");
  ASSERT_TRUE(eventually([&] {
    return readyz().find(R"("schema":"version 9, 11 needed: make migrate-up")") != std::string::npos;
  })) << readyz();
  EXPECT_EQ(publish(body({1})).status, 503);
  migrations.must(MigrateWith::psql, "up");
  daemon->wait_ready();
  EXPECT_EQ(publish(body({1})).status, 200);
  EXPECT_EQ(daemon->log_with("database cannot be used").size(), 1u);
}

TEST_F(MqwriterKeys, AnotherNumberOfPartitionsIsRefusedUntilTheQueueIsChanged) {
  start();
  std::vector<std::string> gpus;
  for (int i = 0; i < 40; ++i) gpus.push_back("GPU-" + std::to_string(i * 7919));
  for (const auto& gpu : gpus)
    EXPECT_EQ(publish(R"({"topic":"telemetry","messages":[{"gpu_id":"0","uuid":")" + gpu + "\"}]}").status, 200);
  EXPECT_EQ(publish(R"({"topic":"telemetry","messages":[{"gpu_id":"ä","uuid":5}]})").status, 200);
  gpus.push_back("ä");

  Daemon other("mqwriter", {{"DATABASE_URL", url}, {"MQ_PARTITION_COUNT", "8"}});
  const std::string advice =
      "MQ_PARTITION_COUNT is 8, the queue has 256 partitions: set it to 256, or change the queue with make partitions "
      "COUNT=8";
  ASSERT_TRUE(eventually([&] { return get(other.url() + "/readyz").body.find(advice) != std::string::npos; }));
  EXPECT_EQ(post(other.url() + "/v1/publish", body({1})).status, 503);
  EXPECT_EQ(number(url, "SELECT count(*) FROM queue_messages"), 41);

  const Finished changed = run_program({source_path("deploy/host/partitions.sh"), "8"}, {{"DATABASE_URL", url}});
  EXPECT_EQ(changed.exit_code, 0) << changed.output;
  other.wait_ready();
  EXPECT_TRUE(eventually([&] {
    return readyz().find("MQ_PARTITION_COUNT is 256, the queue has 8 partitions") != std::string::npos;
  })) << readyz();
  for (const auto& row :
       sql(url,
           "SELECT coalesce(nullif(payload ->> 'uuid', '5'), payload ->> 'gpu_id'), partition_key FROM queue_messages"))
    EXPECT_EQ(row[1].as<int>(), models::partition_of(row[0].c_str(), 8)) << row[0].c_str();
  const Finished wrong = run_program({source_path("deploy/host/partitions.sh"), "none"}, {{"DATABASE_URL", url}});
  EXPECT_EQ(wrong.exit_code, 1);
  EXPECT_EQ(wrong.output, "error: usage: make partitions COUNT=n (1 to 65536)\n");
}

}  // namespace
}  // namespace prompted::test
