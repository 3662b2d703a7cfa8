// mqreader's dead letters in a real PostgreSQL: paged listing, redrive, purge.
#include "mqreader/dead_letters/sql.hpp"
#include "mqreader/poll/poll_store.hpp"
#include "postgres/libpqxx.hpp"
#include "service/mqreader_fixture.hpp"

namespace prompted::test {
namespace {

class DeadLetters : public MqreaderTest {
 protected:
  /// Letters of g = first … first + count - 1, with uuids in the order of g; all of one topic die at the same instant.
  void dead_letter(int first, int count, const std::string& topic = "telemetry",
                   const std::string& payload = "jsonb_build_object('n', g)") const {
    sql(url,
        "INSERT INTO dead_letters (topic, msg_uuid, partition_key, payload, attempts, reason, created_at) SELECT '" +
            topic + "', uuid_in(lpad(to_hex(g), 32, '0')::cstring), g % 8, " + payload +
            ", 5, 'value: must be a number', '2026-01-02 03:04:05.5+00' FROM generate_series(" + std::to_string(first) +
            ", " + std::to_string(first + count - 1) + ") g");
  }
  json list(const std::string& query = "", int status = 200) const {
    const Reply response = get(daemon->url() + "/v1/dead-letters" + query);
    EXPECT_EQ(response.status, status) << query << response.body;
    return json::parse(response.body, nullptr, false);
  }
  /// Every letter, page after page; `pages` counts them.
  json walk(const std::string& query, int* pages = nullptr) const {
    json letters = json::array();
    json cursor = "";
    for (int page = 1; !cursor.is_null(); ++page) {
      const json response = list("?" + query + "&cursor=" + cursor.get<std::string>());
      for (const auto& letter : response["dead_letters"]) letters.push_back(letter);
      cursor = response["next_cursor"];
      if (pages != nullptr) *pages = page;
    }
    return letters;
  }
  json move(const std::string& how, const json& body, int status = 200) const {
    return ask("/v1/dead-letters/" + how, body, status);
  }
  long letters(const std::string& where = "true") const {
    return number(url, "SELECT count(*) FROM dead_letters WHERE " + where);
  }
  static std::string uuid(int g) {
    char text[40];
    std::snprintf(text, sizeof text, "00000000-0000-0000-0000-%012x", static_cast<unsigned>(g));
    return text;
  }
};

TEST_F(DeadLetters, AListIsExactlyAsDesigned) {
  dead_letter(7, 1);
  start();
  json response = list();
  EXPECT_TRUE(response["next_cursor"].is_null());
  ASSERT_EQ(response["dead_letters"].size(), 1u);
  json letter = response["dead_letters"][0];
  const std::string died_at = letter["died_at"];
  EXPECT_EQ(died_at.size(), 27u);
  EXPECT_TRUE(sql(url, "SELECT died_at = '" + died_at + "' FROM dead_letters")[0][0].as<bool>()) << died_at;
  letter.erase("died_at");
  EXPECT_EQ(
      letter,
      json::parse(
          R"({"topic":"telemetry","msg_uuid":"00000000-0000-0000-0000-000000000007","partition_key":7,"attempts":5,
    "reason":"value: must be a number","created_at":"2026-01-02T03:04:05.500000Z","payload":{"n":7}})"));
  sql(url, "DELETE FROM dead_letters");
  EXPECT_EQ(list(), json::parse(R"({"dead_letters":[],"next_cursor":null})"));
}

TEST_F(DeadLetters, PagesGoThroughAllOnceInTheOrderOfDeath) {
  dead_letter(1, 120);
  dead_letter(1, 5, "another topic");  // the same uuids
  sql(url, "UPDATE dead_letters SET died_at = '2026-05-05 00:00:00.000001+00' WHERE topic <> 'telemetry'");
  dead_letter(121, 80);
  start();
  int pages = 0;
  const json all = walk("limit=7", &pages);
  EXPECT_EQ(pages, 30);  // 205 letters
  ASSERT_EQ(all.size(), 205u);
  std::set<std::pair<std::string, std::string>> seen;
  for (const auto& letter : all) EXPECT_TRUE(seen.emplace(letter["topic"], letter["msg_uuid"]).second);
  for (std::size_t i = 1; i < all.size(); ++i)
    EXPECT_LE(all[i - 1]["died_at"].get<std::string>(), all[i]["died_at"].get<std::string>());
  EXPECT_EQ(all[0]["topic"], "another topic");
  EXPECT_EQ(walk("limit=5&topic=another+topic", &pages).size(), 5u);
  EXPECT_EQ(pages, 1);  // exactly one page, so no second
  EXPECT_EQ(walk("topic=telemetry", &pages).size(), 200u);
  EXPECT_EQ(pages, 2);
  EXPECT_EQ(list("?topic=none")["dead_letters"].size(), 0u);
  EXPECT_EQ(list("?limit=&cursor=&topic=")["dead_letters"].size(), 100u);  // an empty parameter counts as absent
}

TEST_F(DeadLetters, APageIsBoundedInBytesToo) {
  dead_letter(1, 40, "telemetry", "jsonb_build_object('n', g, 'text', repeat('x', 200000))");
  start();
  const Reply first = get(daemon->url() + "/v1/dead-letters?limit=1000");
  EXPECT_LT(first.body.size(), 1'400'000u);
  int pages = 0;
  EXPECT_EQ(walk("limit=1000", &pages).size(), 40u);
  EXPECT_GT(pages, 4);
}

TEST_F(DeadLetters, EveryRefusalHasItsText) {
  start();
  const auto refused = [&](const std::string& query) { return list(query, 400)["error"].get<std::string>(); };
  for (const std::string limit : {"0", "1001", "-5", "x", "1e2"})
    EXPECT_EQ(refused("?limit=" + limit), "invalid limit: must be an integer from 1 to 1000");
  for (const std::string cursor : {"x", "00", "%FF", "323032362d"})
    EXPECT_EQ(refused("?cursor=" + cursor), "invalid cursor: must be the next_cursor of an earlier answer");
  for (const std::string topic : {"a%00b", "%FF"})
    EXPECT_EQ(refused("?topic=" + topic), "invalid topic: must be UTF-8 text of at most 255 characters without NUL");
  EXPECT_EQ(refused("?limit=5&limit=6"), "invalid limit: must be given once");
  EXPECT_EQ(refused("?topics=telemetry"), "unknown parameter: topics");
  for (const std::string how : {"redrive", "purge"}) {
    const std::string to = daemon->url() + "/v1/dead-letters/" + how;
    expect_refused(to, "nonsense", "invalid JSON: …");
    expect_refused(to, "{}", "either msg_uuids or all is required");
    expect_refused(to, R"({"all":false})", "either msg_uuids or all is required");
    expect_refused(to, R"({"all":true,"msg_uuids":[]})", "either msg_uuids or all is required");
    expect_refused(to, R"({"msg_uuids":["x"]})", "msg_uuids[0]: must be a UUID");
    expect_refused(to, R"({"all":true,"topic":""})", "topic must not be empty");
    const Reply wrong = get(to);
    EXPECT_EQ(wrong.status, 405);
    EXPECT_NE(wrong.header("allow").find("POST"), std::string::npos);
  }
}

TEST_F(DeadLetters, ARedriveOfSomeStartsThemAnew) {
  dead_letter(1, 10);
  dead_letter(1, 3, "other");
  start();
  lease(1, 30, 0);
  const json named{{"msg_uuids", {uuid(2), uuid(3), uuid(3), uuid(99)}}, {"topic", "telemetry"}};
  EXPECT_EQ(move("redrive", named), json({{"redriven", 2}}));
  EXPECT_EQ(letters(), 11);
  const json came = lease_all(2);
  for (const auto& message : came) {
    EXPECT_EQ(message["attempts"], 1);
    EXPECT_EQ(message["msg_uuid"], uuid(message["payload"]["n"]));
    EXPECT_EQ(message["partition_key"], number(url, "SELECT queue_partition('{}', 256)"));  // no GPU
  }
  EXPECT_EQ(rows("attempts = 0 AND created_at = '2026-01-02 03:04:05.5+00'"), 2);
  EXPECT_EQ(move("redrive", named), json({{"redriven", 0}}));
  EXPECT_EQ(move("redrive", {{"msg_uuids", {uuid(1)}}}), json({{"redriven", 2}}));  // without a topic: in each
  EXPECT_EQ(metric(*daemon, "mqreader", "redriven_total"), 4);
}

TEST_F(DeadLetters, ARedriveOfAllGoesPageByPageAndWakesReaders) {
  dead_letter(1, 1234);
  dead_letter(1, 600, "other");
  start({{"READER_POLL_INTERVAL", "5m"}});
  lease(1, 30, 0);
  ASSERT_TRUE(eventually(
      [&] { return metric(*daemon, "mqreader", "listener_connected") == 1 && counter("polls_total") >= 1; }));
  EXPECT_EQ(move("redrive", {{"all", true}, {"topic", "telemetry"}}), json({{"redriven", 1234}}));
  EXPECT_EQ(letters("topic = 'telemetry'"), 0);
  EXPECT_EQ(letters("topic = 'other'"), 600);
  EXPECT_EQ(lease_all(1234).size(), 1234u);
  EXPECT_EQ(move("redrive", {{"all", true}}), json({{"redriven", 600}}));
  EXPECT_EQ(letters(), 0);
  EXPECT_EQ(rows(), 1834);
}

TEST_F(DeadLetters, AllAreThoseThatHadDiedBefore) {
  dead_letter(1, 3);
  sql(url, "UPDATE dead_letters SET died_at = now() + interval '1 minute' WHERE msg_uuid = '" + uuid(2) + "'");
  start();
  EXPECT_EQ(move("redrive", {{"all", true}}), json({{"redriven", 2}}));
  EXPECT_EQ(move("purge", {{"all", true}}), json({{"purged", 0}}));
  EXPECT_EQ(move("purge", {{"msg_uuids", {uuid(2)}}}), json({{"purged", 1}}));
  EXPECT_EQ(letters(), 0);
}

TEST_F(DeadLetters, WhatSomebodyElseHoldsStaysAndNobodyWaits) {
  dead_letter(1, 4);
  start();
  {
    pqxx::connection operator_(url);
    pqxx::work lock(operator_);
    lock.exec("UPDATE dead_letters SET payload = '{}' WHERE msg_uuid = '" + uuid(3) + "'");
    EXPECT_EQ(move("redrive", {{"all", true}}), json({{"redriven", 3}}));
    EXPECT_EQ(move("redrive", {{"msg_uuids", {uuid(3)}}}), json({{"redriven", 0}}));
    lock.commit();
  }
  EXPECT_EQ(move("redrive", {{"all", true}}), json({{"redriven", 1}}));
  EXPECT_EQ(rows("payload = '{}'"), 1);
}

TEST_F(DeadLetters, OneThatIsInTheQueueAgainAlreadyIsNotDoubled) {
  dead_letter(1, 1);
  sql(url, "INSERT INTO queue_messages (topic, msg_uuid, payload, partition_key) VALUES ('telemetry', '" + uuid(1) +
               "', '{\"again\":1}', 1)");
  start();
  EXPECT_EQ(move("redrive", {{"all", true}}), json({{"redriven", 1}}));
  EXPECT_EQ(letters(), 0);
  EXPECT_EQ(rows("payload = '{\"again\":1}'"), 1);
  EXPECT_EQ(rows(), 1);
}

TEST_F(DeadLetters, APurgeDeletesSomeOrAll) {
  dead_letter(1, 700);
  dead_letter(1, 3, "other");
  start();
  EXPECT_EQ(move("purge", {{"msg_uuids", {uuid(700), uuid(701)}}}), json({{"purged", 1}}));
  EXPECT_EQ(move("purge", {{"msg_uuids", json::array()}}), json({{"purged", 0}}));
  EXPECT_EQ(move("purge", {{"all", true}, {"topic", "telemetry"}}), json({{"purged", 699}}));
  EXPECT_EQ(letters(), 3);
  EXPECT_EQ(move("purge", {{"all", true}}), json({{"purged", 3}}));
  EXPECT_EQ(rows() + letters(), 0);
  EXPECT_EQ(metric(*daemon, "mqreader", "purged_total"), 703);
}

TEST_F(DeadLetters, APoisonGoesRoundAndComesBackWithItsCount) {
  insert(1);
  start();
  for (int round = 1; round <= 2; ++round) {
    const json granted = lease();
    ASSERT_EQ(granted["messages"].size(), 1u);
    EXPECT_EQ(granted["messages"][0]["attempts"], 1);
    EXPECT_EQ(nack(granted, {{"dead", true}, {"reason", "n: must be text"}})["dead"], 1);
    const json letter = list()["dead_letters"][0];
    EXPECT_EQ(letter["attempts"], 1);
    EXPECT_EQ(letter["reason"], "n: must be text");
    EXPECT_EQ(letter["msg_uuid"], granted["messages"][0]["msg_uuid"]);
    EXPECT_EQ(move("redrive", {{"all", true}}), json({{"redriven", 1}}));
  }
}

/// Looks up each uuid by the whole key. By the key's second column alone, 500 uuids among 200,000 letters took 10 s.
TEST_F(DeadLetters, TheNamedAreFoundByTheKeyWithATopicAndWithout) {
  dead_letter(1, 5000);
  sql(url, "ANALYZE dead_letters");
  pqxx::connection connection(url);
  pqxx::nontransaction work(connection);
  for (const auto& setting : mqreader::connection_settings()) work.exec(setting);
  for (const auto& topic : {std::optional<std::string>(), std::optional<std::string>("telemetry")}) {
    const std::string both = "{" + uuid(1) + "," + uuid(2) + "}";
    const std::string explain = "EXPLAIN ";
    for (const auto& lines : {pg::exec_params(work, explain + mqreader::sql::redrive_named.text, both, topic, 256),
                              pg::exec_params(work, explain + mqreader::sql::purge_named.text, both, topic)}) {
      std::string plan;
      for (const auto& line : lines) plan += line[0].c_str() + std::string("\n");
      EXPECT_EQ(plan.find("Index Cond: (msg_uuid"), std::string::npos) << plan;
      EXPECT_EQ(plan.find("Seq Scan"), std::string::npos) << plan;
    }
  }
}

TEST(DeadLettersOutage, AreUnavailableAndComeBack) {
  PostgresCluster cluster;
  Daemon daemon("mqreader", {{"DATABASE_URL", cluster.migrated_database()}});
  daemon.wait_ready();
  cluster.stop_immediate();
  EXPECT_TRUE(eventually([&] { return get(daemon.url() + "/readyz").status == 503; }));
  for (const Reply& response :
       {get(daemon.url() + "/v1/dead-letters"), post(daemon.url() + "/v1/dead-letters/redrive", R"({"all":true})"),
        post(daemon.url() + "/v1/dead-letters/purge", R"({"all":true})")}) {
    EXPECT_EQ(response.status, 503) << response.body;
    EXPECT_FALSE(response.header("retry-after").empty());
  }
  cluster.start();
  EXPECT_TRUE(eventually([&] { return get(daemon.url() + "/v1/dead-letters").status == 200; }));
}

}  // namespace
}  // namespace prompted::test
