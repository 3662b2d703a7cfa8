// mqreader as a separate process against a real PostgreSQL: wire formats, leases, acks and nacks.
#include <future>

#include "service/mqreader_fixture.hpp"

namespace prompted::test {
namespace {

using Mqreader = MqreaderTest;
using Clock = std::chrono::steady_clock;

TEST_F(Mqreader, ALeaseIsExactlyAsDesigned) {
  sql(url,
      "INSERT INTO queue_messages (topic, msg_uuid, payload, partition_key) VALUES"
      " ('telemetry', '01890a5d-ac96-774b-bcce-b302099a8057', '{\"value\": 1.50, \"gpu_id\": \"0\", \"x\": [null]}', "
      "17)");
  start();
  const json granted = lease();
  ASSERT_EQ(granted["messages"].size(), 1u);
  EXPECT_EQ(granted["messages"][0],
            json::parse(R"({"msg_uuid":"01890a5d-ac96-774b-bcce-b302099a8057","attempts":1,"partition_key":17,
                                                    "payload":{"value":1.50,"gpu_id":"0","x":[null]}})"));
  EXPECT_EQ(granted["lease_id"].get<std::string>().size(), 36u);
  const std::string until = granted["lease_until"];
  EXPECT_EQ(until.size(), 27u);
  EXPECT_EQ(until.back(), 'Z');
  EXPECT_EQ(sql(url, "SELECT '" + until + "'::timestamptz - now() BETWEEN '20 s' AND '31 s'")[0][0].as<bool>(), true)
      << until;
  EXPECT_EQ(sql(url, "SELECT attempts FROM queue_messages")[0][0].as<int>(), 0);  // a first delivery costs no write
}

TEST_F(Mqreader, NothingReadyIsTheSameObjectWithAFreshLeaseId) {
  start();
  const Reply first =
      post(daemon->url() + "/v1/lease", R"({"topic":"t","consumer_id":"c","max":1,"lease_seconds":30})");
  const json second = lease(1, 30, 0, "t");
  EXPECT_EQ(first.status, 200);
  EXPECT_EQ(first.header("content-type"), "application/json");
  EXPECT_EQ(first.json()["messages"], json::array());
  EXPECT_NE(first.json()["lease_id"], second["lease_id"]);
  EXPECT_TRUE(first.json().contains("lease_until"));
}

TEST_F(Mqreader, EveryRefusalHasItsText) {
  start();
  const std::string lease_url = daemon->url() + "/v1/lease";
  expect_refused(lease_url, "", "invalid JSON: …");
  expect_refused(lease_url, "{\"topic\":", "invalid JSON: …");
  expect_refused(lease_url, R"({"consumer_id":"c","max":1,"lease_seconds":1})", "topic is required");
  expect_refused(lease_url, R"({"topic":"t","max":1,"lease_seconds":1})", "consumer_id is required");
  expect_refused(lease_url, R"({"topic":"t","consumer_id":"c","lease_seconds":1})", "max must be > 0");
  expect_refused(lease_url, R"({"topic":"t","consumer_id":"c","max":-1,"lease_seconds":1})", "max must be > 0");
  expect_refused(lease_url, R"({"topic":"t","consumer_id":"c","max":1})", "lease_seconds must be > 0");
  expect_refused(lease_url, R"({"topic":"t","consumer_id":"c","max":1,"lease_seconds":1,"wait_ms":30001})",
                 "wait_ms …");
  for (const std::string path : {"/v1/ack", "/v1/nack"}) {
    const std::string to = daemon->url() + path;
    expect_refused(to, "nonsense", "invalid JSON: …");
    expect_refused(to, R"({"consumer_id":"c","lease_id":"l"})", "topic is required");
    expect_refused(to, R"({"topic":"t","lease_id":"l"})", "consumer_id is required");
    expect_refused(to, R"({"topic":"t","consumer_id":"c"})", "lease_id is required");
    expect_refused(to, R"({"topic":"t","consumer_id":"c","lease_id":"l","msg_uuids":["x"]})", "msg_uuids[0]: …");
  }
}

TEST_F(Mqreader, PathsMethodsAndSizes) {
  start();
  EXPECT_EQ(get(daemon->url() + "/v1/nothing").status, 404);
  const Reply wrong_method = get(daemon->url() + "/v1/lease");
  EXPECT_EQ(wrong_method.status, 405);
  EXPECT_NE(wrong_method.header("allow").find("POST"), std::string::npos);
  EXPECT_EQ(post(daemon->url() + "/v1/ack", std::string(1024 * 1024 + 1, ' ')).status, 413);
  expect_survives_garbage(*daemon);
  EXPECT_EQ(lease(1, 30, 0)["messages"].size(), 0u);
}

TEST_F(Mqreader, AckDeletesTheLeaseOrThoseNamed) {
  insert(5);
  start();
  const json messages_first = lease(3);
  ASSERT_EQ(messages_first["messages"].size(), 3u);
  json named = target(messages_first);
  named["msg_uuids"] = {messages_first["messages"][0]["msg_uuid"], messages_first["messages"][1]["msg_uuid"],
                        "01890a5d-ac96-774b-bcce-b302099a8057"};
  EXPECT_EQ(ask("/v1/ack", named), json({{"acked", 2}}));
  EXPECT_EQ(rows(), 3);
  EXPECT_EQ(ask("/v1/ack", named), json({{"acked", 0}}));
  EXPECT_EQ(ack(messages_first), 1);
  EXPECT_EQ(rows(), 2);
  EXPECT_EQ(ack(lease()), 2);
  EXPECT_EQ(rows(), 0);
  EXPECT_EQ(counter("acks_total"), 5);
}

TEST_F(Mqreader, AForeignWordReachesNoLease) {
  insert(2);
  insert(2, "other");
  start();
  const json granted = lease();
  ASSERT_EQ(granted["messages"].size(), 2u);
  EXPECT_EQ(ask("/v1/ack", target(granted, "telemetry", "another"))["acked"], 0);
  EXPECT_EQ(ask("/v1/ack", target(granted, "other"))["acked"], 0);
  EXPECT_EQ(ask("/v1/ack", target({{"lease_id", "01890a5d-ac96-774b-bcce-b302099a8057"}}))["acked"], 0);
  EXPECT_EQ(ask("/v1/ack", target({{"lease_id", "no uuid"}}))["acked"], 0);
  EXPECT_EQ(nack({{"lease_id", "no uuid"}}, {{"dead", true}}), json({{"requeued", 0}, {"dead", 0}}));
  EXPECT_EQ(rows(), 4);
  EXPECT_EQ(lease_all(2, "other").size(), 2u);  // each topic its own messages
  EXPECT_EQ(ack(granted), 2);
  EXPECT_EQ(rows("topic = 'other'"), 2);
}

TEST_F(Mqreader, ALongPollEndsWithAWritersHint) {
  start({{"READER_POLL_INTERVAL", "5m"}});
  lease(1, 30, 0);  // loads the topic
  ASSERT_TRUE(eventually([&] { return metric(*daemon, "mqreader", "listener_connected") == 1; }));
  ASSERT_TRUE(eventually([&] { return counter("polls_total") >= 1; }));
  auto waiting = std::async(std::launch::async, [this] { return lease(10, 30, 25000); });
  insert(1, "telemetry", "; NOTIFY prompted_queue");
  EXPECT_EQ(waiting.get()["messages"].size(), 1u);  // within its 25 s: no poll is due before 5 minutes
}

TEST_F(Mqreader, WithTheHintLostThePollIntervalFindsTheRow) {
  start({{"READER_POLL_INTERVAL", "300ms"}});
  lease(1, 30, 0);
  ASSERT_TRUE(eventually([&] { return counter("polls_total") >= 2; }));  // the topic is loaded
  auto waiting = std::async(std::launch::async, [this] { return lease(10, 30, 25000); });
  insert(1);
  EXPECT_EQ(waiting.get()["messages"].size(), 1u);
}

TEST_F(Mqreader, ALongPollWithNothingLastsAsLongAsAsked) {
  start();
  auto longer = std::async(std::launch::async, [this] { return lease(1, 30, 25000); });
  EXPECT_EQ(lease(1, 30, 200)["messages"].size(), 0u);
  EXPECT_EQ(longer.wait_for(0s), std::future_status::timeout);
  insert(1, "telemetry", "; NOTIFY prompted_queue");
  EXPECT_EQ(longer.get()["messages"].size(), 1u);
}

TEST_F(Mqreader, AnExpiredMessageComesAgainOnceItsNumberIsInTheTable) {
  insert(1);
  start();
  const json first = lease(10, 0.2);
  ASSERT_EQ(first["messages"].size(), 1u);
  {
    pqxx::connection blocker(url);
    pqxx::work lock(blocker);
    lock.exec("SELECT 1 FROM queue_messages FOR UPDATE");
    EXPECT_EQ(lease(10, 30, 1500)["messages"].size(), 0u);  // the write is blocked
  }
  const json second = lease();
  ASSERT_EQ(second["messages"].size(), 1u);
  EXPECT_EQ(second["messages"][0]["attempts"], 2);
  EXPECT_EQ(rows("attempts = 2"), 1);
  EXPECT_EQ(ack(first), 0);  // it is leased again
  EXPECT_EQ(ack(second), 1);
  EXPECT_EQ(rows(), 0);
  EXPECT_EQ(counter("redeliveries_total"), 1);
}

TEST_F(Mqreader, AnExpiredLeaseStillAcks) {
  insert(1);
  start();
  const json granted = lease(10, 0.1);
  ASSERT_TRUE(eventually([&] { return counter("lease_expiries_total") == 1; }));
  EXPECT_EQ(ack(granted), 1);
  EXPECT_EQ(rows(), 0);
}

TEST_F(Mqreader, ADeadNackIsADeadLetterWithItsReason) {
  insert(2);
  start();
  const json granted = lease();
  json body = target(granted);
  body["msg_uuids"] = {granted["messages"][0]["msg_uuid"]};
  body["reason"] = "value: not a number ('x')";
  body["dead"] = true;
  EXPECT_EQ(ask("/v1/nack", body), json({{"requeued", 0}, {"dead", 1}}));
  const auto letters = sql(
      url, "SELECT topic, msg_uuid, partition_key, payload, attempts, reason, created_at <= died_at FROM dead_letters");
  ASSERT_EQ(letters.size(), 1u);
  EXPECT_EQ(letters[0][0].as<std::string>(), "telemetry");
  EXPECT_EQ(letters[0][1].as<std::string>(), body["msg_uuids"][0].get<std::string>());
  EXPECT_EQ(letters[0][2].as<int>(), granted["messages"][0]["partition_key"].get<int>());
  EXPECT_EQ(json::parse(letters[0][3].as<std::string>()), granted["messages"][0]["payload"]);
  EXPECT_EQ(letters[0][4].as<int>(), 1);
  EXPECT_EQ(letters[0][5].as<std::string>(), "value: not a number ('x')");
  EXPECT_TRUE(letters[0][6].as<bool>());
  EXPECT_EQ(ack(granted), 1);
  EXPECT_EQ(rows(), 0);
}

TEST_F(Mqreader, TheFifthNackIsADeadLetter) {
  insert(1);
  start();
  for (int attempt = 1; attempt <= 5; ++attempt) {
    const json granted = lease();
    ASSERT_EQ(granted["messages"].size(), 1u);
    EXPECT_EQ(granted["messages"][0]["attempts"], attempt);
    const json expected = attempt < 5 ? json({{"requeued", 1}, {"dead", 0}}) : json({{"requeued", 0}, {"dead", 1}});
    EXPECT_EQ(nack(granted, {{"reason", "try " + std::to_string(attempt)}}), expected);
  }
  EXPECT_EQ(rows(), 0);
  EXPECT_EQ(number(url, "SELECT count(*) FROM dead_letters WHERE attempts = 5 AND reason = 'try 5'"), 1);
  EXPECT_EQ(counter("dead_letters_total"), 1);
}

TEST_F(Mqreader, ANackWithADelayWaits) {
  insert(2);
  start();
  const json granted = lease(2, 300);
  ASSERT_EQ(granted["messages"].size(), 2u);
  const json first = granted["messages"][0]["msg_uuid"];
  const json second = granted["messages"][1]["msg_uuid"];
  nack(granted, {{"msg_uuids", json::array({first})}, {"delay_ms", 600000}});
  nack(granted, {{"msg_uuids", json::array({second})}, {"delay_ms", 200}});
  const json again = lease(10, 30, 25000);  // comes with the second alone
  ASSERT_EQ(again["messages"].size(), 1u);
  EXPECT_EQ(again["messages"][0]["msg_uuid"], second);
}

}  // namespace
}  // namespace prompted::test
