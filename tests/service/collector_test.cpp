// The collector as a separate process between a scripted mqreader and a real PostgreSQL.
#include <gtest/gtest.h>

#include "scripted_reader.hpp"
#include "support/daemon.hpp"
#include "support/http.hpp"
#include "support/postgres_cluster.hpp"
#include "support/wait.hpp"

namespace prompted::test {
namespace {

using nlohmann::json;

std::string uuid(int n) {
  char text[40];
  std::snprintf(text, sizeof text, "01890a5d-ac96-774b-bcce-%012d", n);
  return text;
}

json payload() {
  return {{"gpu_id", "GPU-0a1b2c3d"}, {"metric_name", "m"}, {"timestamp", "2026-11-23T12:00:00.1234567Z"},
          {"modelName", "H100"},      {"device", ""},       {"value", "1.5"}};
}

json message(int n, const json& content = payload()) {
  return {{"msg_uuid", uuid(n)}, {"attempts", 1}, {"partition_key", 3}, {"payload", content}};
}

json message_with(int n, const std::string& field, const json& value) {
  json content = payload();
  content[field] = value;
  return message(n, content);
}

std::vector<json> messages(int first, int count) {
  std::vector<json> all;
  for (int i = 0; i < count; ++i) all.push_back(message(first + i));
  return all;
}

long count_rows(const std::string& url) {
  pqxx::connection connection(url);
  return pqxx::nontransaction(connection).exec("SELECT count(*) FROM telemetry")[0][0].as<long>();
}

Environment environment(const std::string& database, const ScriptedReader& reader) {
  return {
      {"DATABASE_URL", database}, {"MQ_BASE_URL", reader.url()}, {"COLLECTOR_ID", "c1"}, {"POLL_INTERVAL_MS", "200"}};
}

class Collector : public testing::Test {
 protected:
  Daemon start(Environment more = {}) {
    more.merge(environment(url, reader));
    Daemon daemon("collector", more);
    daemon.wait_ready();
    return daemon;
  }
  ReaderState state() {
    return reader.ask([](ReaderState& now) { return now; });
  }
  bool await_settled() {
    return eventually([this] { return reader.settled(); });
  }

  ScriptedReader reader;
  std::string url = PostgresCluster::shared().migrated_database();
};

TEST_F(Collector, PersistsAndAcksWholeLeases) {
  reader.push(messages(0, 250));
  Daemon daemon = start();
  ASSERT_TRUE(await_settled());
  EXPECT_EQ(count_rows(url), 250);
  const ReaderState after = state();
  EXPECT_EQ(after.count("/v1/nack"), 0u);
  for (const auto& [path, body] : after.calls) {
    EXPECT_FALSE(body.contains("msg_uuids")) << path;
    EXPECT_EQ(body["topic"], "telemetry");
    EXPECT_EQ(body["consumer_id"], "c1");
  }
  pqxx::connection connection(url);
  const auto row = pqxx::nontransaction(connection)
                       .exec(
                           "SELECT gpu_id, \"timestamp\" = '2026-11-23T12:00:00.123456Z', device, model_name, value "
                           "FROM telemetry WHERE uuid = '" +
                           uuid(7) + "'")[0];
  EXPECT_STREQ(row[0].c_str(), "GPU-0a1b2c3d");
  EXPECT_TRUE(row[1].as<bool>());
  EXPECT_TRUE(row[2].is_null());
  EXPECT_STREQ(row[3].c_str(), "H100");
  EXPECT_EQ(row[4].as<double>(), 1.5);
  EXPECT_NE(get(daemon.url() + "/metrics").body.find("prompted_collector_rows_persisted_total 250"), std::string::npos);
}

TEST_F(Collector, ARepeatedDeliveryIsOneRow) {
  reader.push(messages(0, 10));
  reader.push(messages(0, 10));
  Daemon daemon = start();
  ASSERT_TRUE(await_settled());
  EXPECT_EQ(count_rows(url), 10);
}

TEST_F(Collector, PoisonAloneIsDeadLettered) {
  auto batch = messages(0, 20);
  batch[3] = message_with(3, "value", "abc");
  batch[7] = message_with(7, "timestamp", nullptr);
  batch[11] = message_with(11, "device", "broken");  // only PostgreSQL rejects it
  pqxx::connection connection(url);
  pqxx::nontransaction(connection).exec("ALTER TABLE telemetry ADD CHECK (device <> 'broken')");
  reader.push(batch);
  Daemon daemon = start();
  ASSERT_TRUE(await_settled());
  EXPECT_EQ(count_rows(url), 17);
  const auto dead = state().dead;
  ASSERT_EQ(dead.size(), 3u);
  EXPECT_EQ(dead.at(uuid(3)), "value: must be a number or null");
  EXPECT_EQ(dead.at(uuid(7)), "timestamp: is required");
  EXPECT_TRUE(dead.at(uuid(11)).starts_with("refused by PostgreSQL (23514)")) << dead.at(uuid(11));
}

TEST_F(Collector, WhereNackIsUnknownTheLeaseIsAckedAndThePoisonLogged) {
  reader.ask([](ReaderState& now) { now.knows_nack = false; });
  auto batch = messages(0, 5);
  batch[2] = message_with(2, "metric_name", "");
  reader.push(batch);
  Daemon daemon = start();
  ASSERT_TRUE(await_settled());
  EXPECT_EQ(count_rows(url), 4);
  const auto lines = daemon.log_with(uuid(2));
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_NE(lines[0].find("metric_name: is required"), std::string::npos);
  EXPECT_NE(lines[0].find("\"ERROR\""), std::string::npos);
}

TEST_F(Collector, AFailedAckIsRepeated) {
  reader.ask([](ReaderState& now) { now.failing_acks = 3; });
  reader.push(messages(0, 5));
  Daemon daemon = start();
  ASSERT_TRUE(await_settled());
  EXPECT_EQ(count_rows(url), 5);
}

TEST_F(Collector, AReaderWithoutLongPollIsNotAskedInACircle) {
  reader.ask([](ReaderState& now) { now.knows_wait = false; });
  Daemon daemon = start({{"POLL_INTERVAL_MS", "600000"}, {"SHUTDOWN_GRACE", "10m"}});
  // Each of its two loops: once without a wait, once with one that is not kept; then the pause, which the drain ends.
  ASSERT_TRUE(eventually([&] { return state().count("/v1/lease") >= 4; }));
  EXPECT_EQ(daemon.stop(), 0);
  EXPECT_EQ(state().count("/v1/lease"), 4u);
}

TEST_F(Collector, ADrainSettlesWhatIsHeld) {
  Daemon daemon = start({{"LEASE_MAX", "50"}});
  reader.push(messages(0, 5000));
  ASSERT_TRUE(eventually([&] { return count_rows(url) > 100; }));
  EXPECT_EQ(daemon.stop(), 0);
  const ReaderState after = state();
  EXPECT_TRUE(after.leased.empty());
  EXPECT_EQ(count_rows(url), 5000 - static_cast<long>(after.ready.size()));
}

TEST_F(Collector, IsNotReadyWithoutAReader) {
  Daemon daemon("collector", {{"DATABASE_URL", url}, {"MQ_BASE_URL", "http://127.0.0.1:1"}});
  ASSERT_TRUE(eventually([&] {
    const Reply response = get(daemon.url() + "/readyz");
    return response.status == 503 && response.body.find("mqreader") != std::string::npos &&
           !daemon.log_with("failed; retrying").empty();
  }));
  EXPECT_EQ(daemon.log_with("failed; retrying").size(), 1u);  // once, not on every attempt
  EXPECT_EQ(daemon.stop(), 0);
}

TEST(CollectorOutage, ExtendsTheLeaseAndNeverNacks) {
  PostgresCluster cluster;
  ScriptedReader reader;
  const std::string url = cluster.migrated_database();
  Environment settings = environment(url, reader);
  settings["LEASE_SECONDS"] = "3";
  settings["POLL_INTERVAL_MS"] = "2000";
  Daemon daemon("collector", settings);
  daemon.wait_ready();
  cluster.stop_immediate();
  reader.push(messages(0, 20));  // into a pending long poll
  const auto count = [&](const char* path) { return reader.ask([path](ReaderState& now) { return now.count(path); }); };
  EXPECT_TRUE(eventually([&] { return count("/v1/extend") >= 3; }));  // longer than the lease itself
  EXPECT_EQ(count("/v1/ack"), 0u);
  cluster.start();
  EXPECT_TRUE(eventually([&] { return reader.settled(); }));
  EXPECT_EQ(count_rows(url), 20);
  EXPECT_EQ(count("/v1/nack"), 0u);
  EXPECT_EQ(daemon.log_with("postgres failed; retrying").size(), 1u);
  EXPECT_EQ(daemon.stop(), 0);
}

TEST(CollectorOutage, LetsGoAtTheEndOfTheGrace) {
  PostgresCluster cluster;
  ScriptedReader reader;
  Environment settings = environment(cluster.migrated_database(), reader);
  settings["SHUTDOWN_GRACE"] = "3s";
  settings["POLL_INTERVAL_MS"] = "2000";
  Daemon daemon("collector", settings);
  daemon.wait_ready();
  cluster.stop_immediate();
  reader.push(messages(0, 20));
  EXPECT_TRUE(eventually([&] { return !daemon.log_with("postgres failed; retrying").empty(); }));
  EXPECT_EQ(daemon.stop(), 0);
  const ReaderState after = reader.ask([](ReaderState& now) { return now; });
  EXPECT_EQ(after.count("/v1/ack") + after.count("/v1/nack"), 0u);
}

}  // namespace
}  // namespace prompted::test
