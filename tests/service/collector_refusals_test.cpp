// Rows that PostgreSQL rejects, because of one row, of all rows, or of none.
#include "service/scripted_reader.hpp"

#include <gtest/gtest.h>

#include <pqxx/pqxx>

#include "support/daemon.hpp"
#include "support/postgres_cluster.hpp"
#include "support/wait.hpp"

namespace prompted::test {
namespace {

using nlohmann::json;

std::string uuid_of(int n) {
  char text[40];
  std::snprintf(text, sizeof text, "01890a5d-ac96-774b-bcce-%012x", static_cast<unsigned>(n));
  return text;
}

class CollectorRefusals : public testing::Test {
 protected:
  Daemon start(Environment more = {}) {
    more["DATABASE_URL"] = url;
    more["MQ_BASE_URL"] = reader.url();
    more.try_emplace("POLL_INTERVAL_MS", "100");
    return Daemon("collector", more);
  }
  void push(int first, int count) {
    std::vector<json> messages;
    for (int i = first; i < first + count; ++i)
      messages.push_back(
          {{"msg_uuid", uuid_of(i)},
           {"attempts", 1},
           {"partition_key", 0},
           {"payload",
            {{"gpu_id", "GPU-1"}, {"metric_name", "m"}, {"timestamp", "2026-01-01T00:00:00Z"}, {"value", i}}}});
    reader.push(messages);
  }
  void sql(const std::string& text) const {
    pqxx::connection connection(url);
    pqxx::nontransaction(connection).exec(text);
  }
  long number(const std::string& query) const {
    pqxx::connection connection(url);
    return pqxx::nontransaction(connection).exec(query)[0][0].as<long>();
  }
  long stored() const { return number("SELECT count(*) FROM telemetry"); }
  ReaderState state() {
    return reader.ask([](ReaderState& now) { return now; });
  }
  /// Bodies of the nacks so far.
  std::vector<json> nacks() {
    std::vector<json> bodies;
    for (const auto& [path, body] : state().calls)
      if (path == "/v1/nack") bodies.push_back(body);
    return bodies;
  }
  bool settled() {
    return eventually([&] { return state().settled(); });
  }
  void raise_for(const std::string& condition, const std::string& sqlstate = "P0001") const {
    sql("CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF " + condition +
        " THEN RAISE EXCEPTION 'not this one' USING ERRCODE = '" + sqlstate + "'; END IF; RETURN NEW; END $$");
    sql("CREATE OR REPLACE TRIGGER refuse BEFORE INSERT ON telemetry FOR EACH ROW EXECUTE FUNCTION refuse()");
  }

  std::string url = PostgresCluster::shared().migrated_database();
  ScriptedReader reader;
};

TEST_F(CollectorRefusals, ARowThatATriggerRefusesGoesBackAloneWithItsReason) {
  raise_for("NEW.value = 33");
  push(0, 100);
  Daemon daemon = start();
  ASSERT_TRUE(eventually([&] { return stored() == 99; }));
  ASSERT_TRUE(eventually([&] { return !nacks().empty(); }));
  const json nack = nacks()[0];
  EXPECT_EQ(nack["msg_uuids"], json::array({uuid_of(33)}));
  EXPECT_FALSE(nack.contains("dead")) << "another delivery may succeed";
  EXPECT_TRUE(nack["reason"].get<std::string>().starts_with("failed in PostgreSQL (P0001): ")) << nack;
  EXPECT_TRUE(settled());
}

TEST_F(CollectorRefusals, WhatFailsForEveryRowIsAnOutage) {
  raise_for("true");
  push(0, 20);
  Daemon daemon = start();
  ASSERT_TRUE(eventually([&] { return !daemon.log_with("postgres failed; retrying").empty(); }));
  ASSERT_TRUE(eventually([&] {
    return number("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'prompted-collector'") > 0;
  }));
  EXPECT_TRUE(nacks().empty());
  sql("DROP TRIGGER refuse ON telemetry");
  EXPECT_TRUE(eventually([&] { return stored() == 20; }));
  EXPECT_TRUE(settled());
  EXPECT_TRUE(nacks().empty());
}

TEST_F(CollectorRefusals, ARevokedGrantOrAMissingColumnSplitsNothing) {
  for (const char* sqlstate : {"42501", "42703", "0A000", "53100", "57014"}) {
    raise_for("NEW.value % 2 = 0", sqlstate);
    const long before = stored();
    push(static_cast<int>(before), 10);
    Daemon daemon = start();
    ASSERT_TRUE(eventually([&] { return !daemon.log_with("postgres failed; retrying").empty(); })) << sqlstate;
    EXPECT_EQ(stored(), before) << sqlstate;
    EXPECT_TRUE(nacks().empty()) << sqlstate;
    sql("DROP TRIGGER refuse ON telemetry");
    ASSERT_TRUE(eventually([&] { return stored() == before + 10; })) << sqlstate;
  }
}

TEST_F(CollectorRefusals, MessagesThatFailAloneDoNotKeepTheOthersBack) {
  raise_for("NEW.value < 2");
  for (int i = 0; i < 2; ++i) push(i, 1);
  Daemon daemon = start({{"LEASE_MAX", "1"}, {"LEASE_SECONDS", "2"}, {"COLLECTOR_CONCURRENCY", "2"}});
  ASSERT_TRUE(eventually([&] { return state().leased.size() == 2; }));
  push(2, 5);  // both loops hold a message that fails for ever
  EXPECT_TRUE(eventually([&] { return stored() == 5; }));
  EXPECT_EQ(state().count("/v1/extend"), 0u);
}

TEST_F(CollectorRefusals, AnIdOfTheHistoryWithAnotherContentIsADeadLetterThatSaysSo) {
  sql("INSERT INTO telemetry (uuid, gpu_id, metric_name, \"timestamp\", value) VALUES ('" + uuid_of(1) +
      "', 'GPU-1', 'm', '2026-01-01T00:00:00Z', 1), ('" + uuid_of(2) + "', 'GPU-1', 'm', '2026-01-01T00:00:00Z', 77)");
  push(0, 4);
  Daemon daemon = start();
  ASSERT_TRUE(settled());
  EXPECT_EQ(stored(), 4);
  EXPECT_EQ(number("SELECT value FROM telemetry WHERE uuid = '" + uuid_of(2) + "'"), 77);
  const auto given = nacks();
  ASSERT_EQ(given.size(), 1u);
  EXPECT_EQ(given[0]["msg_uuids"], json::array({uuid_of(2)}));
  EXPECT_EQ(given[0]["dead"], true);
  EXPECT_EQ(given[0]["in_history"], true);
  EXPECT_EQ(given[0]["reason"], "msg_uuid: is in the history with another content");
}

TEST_F(CollectorRefusals, WhatCanBeNoRowIsNotTheOneThatTheHistoryHas) {
  sql("INSERT INTO telemetry (uuid, gpu_id, metric_name, \"timestamp\") VALUES ('" + uuid_of(9) +
      "', 'g', 'm', now())");
  std::vector<json> poison{
      {{"msg_uuid", uuid_of(9)}, {"attempts", 1}, {"partition_key", 0}, {"payload", {{"gpu_id", "GPU-1"}}}}};
  reader.push(poison);
  Daemon daemon = start();
  ASSERT_TRUE(settled());
  ASSERT_EQ(nacks().size(), 1u);
  EXPECT_EQ(nacks()[0]["in_history"], true) << "or mqreader would remove it without a dead letter";
}

TEST_F(CollectorRefusals, ThePoisonOfALeaseIsOneLine) {
  std::vector<json> poison;
  for (int n = 0; n < 20; ++n)
    poison.push_back({{"msg_uuid", uuid_of(n)},
                      {"attempts", 1},
                      {"partition_key", 0},
                      {"payload", {{"gpu_id", "GPU-1"}, {"value", n < 10 ? json("x") : json(1)}}}});
  reader.push(poison);
  Daemon daemon = start();
  ASSERT_TRUE(settled());
  const std::string said = "messages are not telemetry rows; moved to dead letters";
  ASSERT_TRUE(eventually([&] { return !daemon.log_with(said).empty(); }));
  EXPECT_EQ(daemon.stop(), 0);
  ASSERT_EQ(daemon.log_with(said).size(), 1u);
  const json line = json::parse(daemon.log_with(said).front());
  EXPECT_EQ(line["messages"], 20);
  EXPECT_GE(line["reasons"], 1);
  EXPECT_EQ(line["first_msg_uuid"], uuid_of(0));
  EXPECT_FALSE(line["first_reason"].get<std::string>().empty());
}

TEST_F(CollectorRefusals, ASequenceBehindItsRowsIsAnOutageAndNotADuplicate) {
  sql("INSERT INTO telemetry (id, uuid, gpu_id, metric_name, \"timestamp\") SELECT g, gen_random_uuid(), 'g', 'm', "
      "now() FROM "
      "generate_series(1, 5000) g");
  push(0, 5);
  Daemon daemon = start();
  ASSERT_TRUE(eventually([&] { return !daemon.log_with("setval(pg_get_serial_sequence('telemetry', 'id')").empty(); }));
  EXPECT_EQ(stored(), 5000);
  EXPECT_TRUE(nacks().empty());
  sql("SELECT setval(pg_get_serial_sequence('telemetry', 'id'), (SELECT max(id) FROM telemetry))");
  EXPECT_TRUE(eventually([&] { return stored() == 5005; }));
  EXPECT_TRUE(settled());
}

TEST_F(CollectorRefusals, AProxysNotFoundOnNackAcksNothingAway) {
  reader.ask([](ReaderState& now) {
    now.knows_nack = false;
    now.lease_id_version = '8';  // a lease of our mqreader, which has nack
  });
  push(0, 3);
  std::vector<json> poison{
      {{"msg_uuid", uuid_of(9)}, {"attempts", 1}, {"partition_key", 0}, {"payload", {{"gpu_id", "GPU-1"}}}}};
  reader.push(poison);
  Daemon daemon = start();
  ASSERT_TRUE(eventually([&] { return nacks().size() >= 3; }));  // it retries
  EXPECT_EQ(state().count("/v1/ack"), 0u);
  reader.ask([](ReaderState& now) { now.knows_nack = true; });
  ASSERT_TRUE(settled());
  EXPECT_EQ(state().dead.size(), 1u);
  EXPECT_EQ(stored(), 3);
}

TEST_F(CollectorRefusals, CommitsAreSynchronousWhateverTheDatabaseSays) {
  const std::string database = url.substr(url.rfind('/') + 1, url.find('?') - url.rfind('/') - 1);
  sql("ALTER DATABASE " + database + " SET synchronous_commit = off");
  sql("CREATE TABLE seen (setting text)");
  sql("CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO seen VALUES "
      "(current_setting('synchronous_commit')); RETURN NULL; END $$");
  sql("CREATE TRIGGER note AFTER INSERT ON telemetry FOR EACH STATEMENT EXECUTE FUNCTION note()");
  push(0, 3);
  Daemon daemon = start();
  ASSERT_TRUE(settled());
  EXPECT_EQ(number("SELECT count(*) FROM seen WHERE setting <> 'on'"), 0);
  EXPECT_GT(number("SELECT count(*) FROM seen"), 0);
}

}  // namespace
}  // namespace prompted::test
