// A reader's messages are valid only on the server they were read from. After a failover that lost telemetry rows, an
// ack from before it must not delete the message.
#include "service/mqreader_fixture.hpp"

#include <future>

namespace prompted::test {
namespace {

class MqreaderFailover : public MqreaderTest {
 protected:
  /// Simulates a promotion or crash recovery as a reader sees it: unchanged rows, new incarnation.
  void another_server() const { sql(url, "UPDATE queue_incarnation SET v = gen_random_uuid()"); }
  void no_incarnation() const { sql(url, "TRUNCATE queue_incarnation"); }
  json uuids(const json& granted) const {
    json all = json::array();
    for (const auto& message : granted["messages"]) all.push_back(message["msg_uuid"]);
    std::sort(all.begin(), all.end());
    return all;
  }
};

TEST_F(MqreaderFailover, AnAckThatMeetsAnotherServerDeletesNothing) {
  insert(3);
  start({{"READER_POLL_INTERVAL", "10m"}});  // the poll notices nothing before the ack does
  json held = lease(3);
  for (const bool emptied : {false, true}) {
    ASSERT_EQ(held["messages"].size(), 3u);
    emptied ? no_incarnation() : another_server();
    EXPECT_EQ(ack(held), 0);
    EXPECT_EQ(rows(), 3);
    held = lease(3);
  }
  EXPECT_EQ(ack(held), 3);
  EXPECT_EQ(rows(), 0);
  EXPECT_GE(counter("restarts_total"), 2);
  EXPECT_EQ(counter("late_rows_healed_total"), 0);
}

TEST_F(MqreaderFailover, WhatThePollFoundOutEndsTheLeasesOfBefore) {
  insert(4);
  start();
  const json held = lease(4);
  another_server();
  ASSERT_TRUE(eventually([&] { return counter("restarts_total") == 1; }));
  EXPECT_EQ(ack(held), 0);
  ask(
      "/v1/extend",
      [&] {
        json body = target(held);
        body["lease_seconds"] = 30;
        return body;
      }(),
      409);
  EXPECT_EQ(nack(held, {{"dead", true}, {"reason", "poison"}}), json({{"requeued", 0}, {"dead", 0}}));
  const json again = lease(4);
  EXPECT_EQ(uuids(again), uuids(held));
  EXPECT_EQ(ack(again), 4);
  EXPECT_EQ(rows(), 0);
}

TEST_F(MqreaderFailover, ADeadNackThatMeetsAnotherServerBuriesNothing) {
  insert(1);
  start({{"READER_POLL_INTERVAL", "10m"}});
  const json held = lease(1);
  another_server();
  EXPECT_EQ(nack(held, {{"dead", true}, {"reason", "poison"}}), json({{"requeued", 0}, {"dead", 0}}));
  EXPECT_EQ(rows(), 1);
  EXPECT_EQ(number(url, "SELECT count(*) FROM dead_letters"), 0);
  const json again = lease(1);
  EXPECT_EQ(nack(again, {{"dead", true}, {"reason", "poison"}}), json({{"requeued", 0}, {"dead", 1}}));
  EXPECT_EQ(number(url, "SELECT count(*) FROM dead_letters"), 1);
}

TEST_F(MqreaderFailover, AnAckInFlightIsRetriedOnlyOnTheSameServer) {
  insert(1);
  start({{"READER_POLL_INTERVAL", "10m"}});
  const json held = lease(1);
  pqxx::connection blocker(url);
  pqxx::work lock(blocker);
  lock.exec("SELECT 1 FROM queue_messages FOR UPDATE");
  auto acked = std::async(std::launch::async, [&] { return ack(held); });
  ASSERT_TRUE(eventually([&] {
    return number(url,
                  "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = "
                  "current_database()") == 1;
  }));
  another_server();
  sql(url,
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = "
      "current_database()");  // the reader does not know its outcome and retries
  EXPECT_EQ(acked.get(), 0);
  lock.commit();
  EXPECT_EQ(rows(), 1);
  EXPECT_EQ(lease_all(1).size(), 1u);
}

TEST_F(MqreaderFailover, ARetriedAckThatWaitsCountsNothingOnceCrashRecoveryIsSeen) {
  insert(1);
  start({{"READER_POLL_INTERVAL", "50ms"}});
  const json held = lease(1);
  pqxx::connection blocker(url);
  pqxx::work lock(blocker);
  lock.exec("SELECT 1 FROM queue_messages FOR UPDATE");
  const std::string waiting = "FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()";
  auto first = std::async(std::launch::async, [&] { return ack(held); });
  ASSERT_TRUE(eventually([&] { return number(url, "SELECT count(*) " + waiting) == 1; }));
  auto retried = std::async(std::launch::async, [&] { return ack(held); });
  const auto in_flight = [&] { return metric(*daemon, "mqreader", "http_requests_in_flight"); };
  ASSERT_TRUE(eventually([&] { return in_flight() == 3; }));  // both acks, and the request for metrics
  sql(url, "DELETE FROM queue_incarnation");
  EXPECT_EQ(retried.get(), 0);
  sql(url, "SELECT pg_terminate_backend(pid) " + waiting);
  EXPECT_EQ(first.get(), 0);
  lock.commit();
  EXPECT_EQ(rows(), 1);
  EXPECT_EQ(lease_all(1).size(), 1u);
}

TEST_F(MqreaderFailover, ADeadLetterWithAnIdOfTheHistoryIsKeptWhenItsConsumerSaysSo) {
  insert(2);
  start();
  sql(url,
      "INSERT INTO telemetry (uuid, gpu_id, metric_name, \"timestamp\") SELECT msg_uuid, 'g', 'm', now() FROM "
      "queue_messages");
  const json held = lease(2);
  const json first = json::array({held["messages"][0]["msg_uuid"]});
  const json second = json::array({held["messages"][1]["msg_uuid"]});
  nack(held, {{"msg_uuids", first}, {"dead", true}, {"reason", "x"}});
  nack(held, {{"msg_uuids", second}, {"dead", true}, {"in_history", true}, {"reason", "another content"}});
  EXPECT_EQ(rows(), 0);
  const auto letters = sql(url, "SELECT msg_uuid, reason FROM dead_letters");
  ASSERT_EQ(letters.size(), 1u);
  EXPECT_EQ(letters[0][0].as<std::string>(), second[0].get<std::string>());
}

TEST_F(MqreaderFailover, RowsRestoredIntoARunningReaderAreDelivered) {
  start({{"READER_SWEEP_INTERVAL", "200ms"}});
  lease(1, 30, 0);
  sql(url,
      "INSERT INTO queue_messages (topic, msg_uuid, payload, partition_key, xid) SELECT 'telemetry', "
      "gen_random_uuid(), "
      "'{}', g, (pg_current_xact_id()::text::bigint + 1000000)::text::xid8 FROM generate_series(1, 9) g");
  EXPECT_EQ(lease_all(9).size(), 9u);
  EXPECT_EQ(counter("foreign_rows_total"), 9);
  EXPECT_EQ(counter("late_rows_healed_total"), 0);
}

TEST_F(MqreaderFailover, AFirstLeaseWaitsForTheTopicToBeLoaded) {
  insert(3);
  start();
  EXPECT_EQ(lease(10, 30, 0)["messages"].size(), 3u);
  EXPECT_EQ(lease(10, 30, 0, "empty")["messages"].size(), 0u);
}

TEST_F(MqreaderFailover, ALongPollWhoseClientHasGoneTakesNothing) {
  start({{"READER_POLL_INTERVAL", "50ms"}});
  lease(1, 30, 0);
  {
    RawSocket gone(daemon->port());
    const std::string body =
        R"({"topic":"telemetry","consumer_id":"gone","max":10,"lease_seconds":600,"wait_ms":30000})";
    gone.send("POST /v1/lease HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
              body);
    ASSERT_TRUE(
        eventually([&] { return metric(*daemon, "mqreader", "http_requests_in_flight") == 2; }));  // and this one
  }
  insert(5);
  const json all = lease_all(5);
  for (const auto& message : all) EXPECT_EQ(message["attempts"], 1);
}

TEST_F(MqreaderFailover, ADeadLetterOfMorePartitionsIsRedrivenToWhereItBelongsNow) {
  sql(url,
      "INSERT INTO dead_letters (topic, msg_uuid, partition_key, payload, attempts, reason, created_at) "
      "SELECT 'telemetry', gen_random_uuid(), 200 + g, jsonb_build_object('gpu_id', g::text, 'uuid', 'GPU-' || g), 1, "
      "'x', now() "
      "FROM generate_series(1, 20) g");
  start({{"MQ_PARTITION_COUNT", "8"}});
  const std::string one = sql(url, "SELECT min(msg_uuid::text) FROM dead_letters")[0][0].c_str();
  EXPECT_EQ(ask("/v1/dead-letters/redrive", {{"msg_uuids", {one}}})["redriven"], 1);
  EXPECT_EQ(ask("/v1/dead-letters/redrive", {{"all", true}})["redriven"], 19);
  EXPECT_EQ(rows("partition_key BETWEEN 0 AND 7"), 20);
  EXPECT_EQ(lease_all(20).size(), 20u);
}

TEST_F(MqreaderFailover, AReaderAtTheAddressOfADeadOneTakesOverAtOnce) {
  start({{"READER_LEASE_TTL", "10m"}});
  const std::string port = std::to_string(daemon->port());
  ASSERT_TRUE(
      eventually([&] { return number(url, "SELECT count(*) FROM queue_partitions WHERE owner IS NOT NULL") == 256; }));
  daemon->kill();
  insert(3);
  start({{"READER_LEASE_TTL", "10m"}, {"PORT", port}});
  EXPECT_EQ(lease(3)["messages"].size(), 3u);
  EXPECT_EQ(number(url, "SELECT count(*) FROM queue_readers"), 1);
}

TEST_F(MqreaderFailover, ALiveReaderAtTheSameAddressIsNotEvicted) {
  start({{"READER_LEASE_TTL", "10m"}});
  const std::string address = sql(url, "SELECT address FROM queue_readers")[0][0].c_str();
  Daemon second("mqreader", {{"DATABASE_URL", url}, {"READER_ADVERTISE_URL", address}, {"READER_LEASE_TTL", "10m"}});
  second.wait_ready();
  EXPECT_EQ(number(url, "SELECT count(*) FROM queue_readers"), 2);
  EXPECT_TRUE(daemon->log_with("lost").empty());
}

TEST_F(MqreaderFailover, AReaderThatFellSilentIsReapedByTheOthersClocks) {
  // As after the database's clock was set back an hour: a dead reader's row does not expire.
  sql(url,
      "WITH r AS (INSERT INTO queue_readers (reader_id, lo, hi, address, expires_at, ttl_seconds) VALUES "
      "(gen_random_uuid(), 0, "
      "255, 'http://127.0.0.1:1', now() + interval '1 hour', 1) RETURNING reader_id) "
      "INSERT INTO queue_partitions (partition_key, owner) SELECT g, reader_id FROM r, generate_series(0, 255) g");
  start();
  EXPECT_TRUE(eventually([&] {
    return number(
               url,
               "SELECT count(*) FROM queue_partitions p JOIN queue_readers r ON r.reader_id = p.owner WHERE r.address "
               "<> 'http://127.0.0.1:1'") == 256;
  }));
}

TEST_F(MqreaderFailover, IsNotReadyWhileItOwnsNothingThatIsFree) {
  sql(url, "INSERT INTO queue_partitions (partition_key) SELECT generate_series(0, 255)");
  pqxx::connection blocker(url);
  pqxx::work lock(blocker);
  lock.exec("SELECT 1 FROM queue_partitions FOR UPDATE");  // claims skip locked rows
  daemon = std::make_unique<Daemon>("mqreader", Environment{{"DATABASE_URL", url}});
  const auto readyz = [&] { return get(daemon->url() + "/readyz"); };
  ASSERT_TRUE(eventually([&] { return readyz().body.find(R"("partitions":"none owned")") != std::string::npos; }))
      << readyz().body;
  EXPECT_EQ(readyz().status, 503);
  lock.commit();
  daemon->wait_ready();
}

}  // namespace
}  // namespace prompted::test
