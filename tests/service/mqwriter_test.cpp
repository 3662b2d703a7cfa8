// mqwriter as a separate process against a real PostgreSQL.
#include <future>
#include <thread>

#include "service/queue_fixture.hpp"

namespace prompted::test {
namespace {

const char* const key = "01890a5d-ac96-774b-bcce-b302099a8057";

/// `count` messages that name their sender.
std::string body(int count, const std::string& sender = "x", const std::string& topic = "telemetry",
                 const std::string& more = "") {
  json messages = json::array();
  for (int i = 0; i < count; ++i)
    messages.push_back({{"gpu_id", "GPU-" + std::to_string(i % 40)}, {"sender", sender}, {"n", i}, {"pad", more}});
  return json{{"topic", topic}, {"messages", messages}}.dump();
}

class Mqwriter : public testing::Test {
 protected:
  void start(Environment more = {}) {
    more["DATABASE_URL"] = url;
    daemon = std::make_unique<Daemon>("mqwriter", more);
    daemon->wait_ready();
  }
  std::string publish_url() const { return daemon->url() + "/v1/publish"; }
  Reply publish(const std::string& text, const std::multimap<std::string, std::string>& headers = {}) const {
    return post(publish_url(), text, headers);
  }
  long rows(const std::string& where = "true") const {
    return number(url, "SELECT count(*) FROM queue_messages WHERE " + where);
  }
  double counter(const std::string& sample) const { return metric(*daemon, "mqwriter", sample); }
  /// Sends all at once, each from its own thread.
  std::vector<Reply> publish_together(const std::vector<std::string>& bodies) const {
    std::vector<std::future<Reply>> pending;
    for (const auto& text : bodies)
      pending.push_back(std::async(std::launch::async, [this, &text] { return publish(text); }));
    std::vector<Reply> responses;
    for (auto& response : pending) responses.push_back(response.get());
    return responses;
  }

  std::string url = PostgresCluster::shared().migrated_database();
  std::unique_ptr<Daemon> daemon;
};

TEST_F(Mqwriter, AnswersAfterTheCommit) {
  start();
  const Reply response = publish(
      R"({"topic":"telemetry","messages":[ {"gpu_id":"0","uuid":"GPU-5fd4f087","value":1.50,"kept":[1,{"a":null}]},)"
      R"({"gpu_id":"GPU-0a1b2c3d"}]})");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.header("content-type"), "application/json");
  EXPECT_EQ(response.body, R"({"accepted":2,"duplicates":0})");
  const auto found =
      sql(url,
          "SELECT payload::text, partition_key, state, attempts, topic, leased_by, substr(msg_uuid::text, 15, 1) v"
          " FROM queue_messages ORDER BY msg_uuid");
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(json::parse(found[0][0].as<std::string>()),
            json::parse(R"({"gpu_id":"0","uuid":"GPU-5fd4f087","value":1.5,"kept":[1,{"a":null}]})"));
  EXPECT_EQ(found[0]["state"].as<std::string>(), "ready");
  EXPECT_EQ(found[0]["attempts"].as<int>(), 0);
  EXPECT_EQ(found[0]["topic"].as<std::string>(), "telemetry");
  EXPECT_TRUE(found[0]["leased_by"].is_null());
  EXPECT_EQ(found[0]["v"].as<std::string>(), "7");
  // FNV-1a of the GPU, not of "0" (computed independently of this project).
  const auto fnv = [](const std::string& text) {
    std::uint32_t hash = 2166136261u;
    for (unsigned char c : text) hash = (hash ^ c) * 16777619u;
    return static_cast<int>(hash % 256);
  };
  EXPECT_EQ(found[0]["partition_key"].as<int>(), fnv("GPU-5fd4f087"));
  EXPECT_EQ(found[1]["partition_key"].as<int>(), fnv("GPU-0a1b2c3d"));
}

TEST_F(Mqwriter, EveryRefusalHasItsText) {
  start();
  const std::string to = publish_url();
  const std::string good = R"({"gpu_id":"GPU-1"})";
  expect_refused(to, "", "invalid JSON: …");
  expect_refused(to, "{", "invalid JSON: …");
  expect_refused(to, "[1]", "invalid JSON: …");
  expect_refused(to, R"({"topic":"t","messages":[{}]} x)", "invalid JSON: …");
  expect_refused(to, std::string(100, '['), "invalid JSON: …");
  expect_refused(to,
                 R"({"topic":"t","messages":[{"gpu_id":"1","a":)" + std::string(70, '[') + std::string(70, ']') + "}]}",
                 "invalid JSON: …");
  expect_refused(to, R"({"messages":[)" + good + "]}", "topic is required");
  expect_refused(to, R"({"topic":"","messages":[)" + good + "]}", "topic is required");
  expect_refused(to, R"({"topic":"t"})", "messages must not be empty");
  expect_refused(to, R"({"topic":"t","messages":[]})", "messages must not be empty");
  expect_refused(to, R"({"topic":"t","messages":[)" + good + "," + good + R"(,"x"]})", "messages[2]: …");
  expect_refused(to, R"({"topic":"t","messages":[)" + good + "," + good + "," + good + R"(,{"value":1}]})",
                 "messages[3]: gpu_id is required");
  expect_refused(to, R"({"topic":"t","messages":[{"gpu_id":"a\u0000b"}]})", "messages[0]: …");
  expect_refused(
      to, R"({"topic":"t","messages":[)" + good + R"(,{"gpu_id":"1","a":")" + std::string(256 * 1024, 'x') + "\"}]}",
      "messages[1]: …");
  const Reply no_key = publish(body(1), {{"Idempotency-Key", "no-uuid"}});
  EXPECT_EQ(no_key.status, 400);
  EXPECT_EQ(no_key.json()["error"], "invalid Idempotency-Key: must be a UUID");
  EXPECT_EQ(rows(), 0);
}

TEST_F(Mqwriter, PathsMethodsAndSizes) {
  start({{"HTTP_MAX_BODY", "10KiB"}});
  EXPECT_EQ(get(daemon->url() + "/v1/nothing").status, 404);
  const Reply wrong_method = get(publish_url());
  EXPECT_EQ(wrong_method.status, 405);
  EXPECT_NE(wrong_method.header("allow").find("POST"), std::string::npos);
  EXPECT_EQ(publish(body(1, std::string(11000, 'x'))).status, 413);
  EXPECT_EQ(publish(body(1), {{"Content-Type", "application/x-www-form-urlencoded"}}).status, 200);
  expect_survives_garbage(*daemon);
  EXPECT_EQ(publish(body(1)).status, 200);
  EXPECT_EQ(rows(), 2);
}

TEST_F(Mqwriter, ARepeatedKeyCountsDuplicatesAndInsertsOnce) {
  start();
  EXPECT_EQ(publish(body(3), {{"Idempotency-Key", key}}).body, R"({"accepted":3,"duplicates":0})");
  EXPECT_EQ(publish(body(3), {{"idempotency-key", key}}).body, R"({"accepted":3,"duplicates":3})");
  EXPECT_EQ(publish(body(5), {{"Idempotency-Key", key}}).body, R"({"accepted":5,"duplicates":3})");
  EXPECT_EQ(rows(), 5);
  EXPECT_EQ(rows("msg_uuid = '01890a5d-ac96-774b-bcce-b302099a8057' AND payload->>'n' = '0'"), 1);
  EXPECT_EQ(rows("msg_uuid = '01890a5d-ac96-774b-bcce-b302099a805b' AND payload->>'n' = '4'"), 1);
  EXPECT_EQ(publish(body(3, "x", "elsewhere"), {{"Idempotency-Key", key}}).body, R"({"accepted":3,"duplicates":0})");
  EXPECT_EQ(counter("duplicates_total"), 6);
}

TEST_F(Mqwriter, SmallPublishesThatComeTogetherShareFlushes) {
  start();
  std::vector<std::string> bodies(64, body(1));
  {
    pqxx::connection blocker(url);
    pqxx::work lock(blocker);
    lock.exec("LOCK TABLE queue_messages IN SHARE ROW EXCLUSIVE MODE");  // the first flush waits, the others gather
    auto responses = std::async(std::launch::async, [&] { return publish_together(bodies); });
    EXPECT_TRUE(eventually([&] { return counter("buffer_messages") == 64; }));
    lock.commit();
    for (const auto& response : responses.get()) EXPECT_EQ(response.body, R"({"accepted":1,"duplicates":0})");
  }
  EXPECT_EQ(rows(), 64);
  EXPECT_LT(counter("flushes_total"), 32);
  EXPECT_EQ(counter("messages_committed_total"), 64);
  EXPECT_EQ(counter("buffer_messages"), 0);
}

TEST_F(Mqwriter, OneClientsRefusedPayloadFailsNobodyElses) {
  start();
  const std::string bad =
      R"({"topic":"t","messages":[{"gpu_id":"1"},{"gpu_id":"2","value":1e-400000}]})";  // JSON, but no jsonb
  expect_refused(publish_url(), bad, "messages[1]: …");
  std::vector<std::string> bodies(20, body(2, "good"));
  bodies[7] = bodies[13] = bad;
  pqxx::connection blocker(url);
  pqxx::work lock(blocker);
  lock.exec("LOCK TABLE queue_messages IN SHARE ROW EXCLUSIVE MODE");
  auto pending = std::async(std::launch::async, [&] { return publish_together(bodies); });
  EXPECT_TRUE(eventually([&] { return counter("buffer_messages") == 40; }));
  lock.commit();
  const auto responses = pending.get();
  for (std::size_t i = 0; i < responses.size(); ++i)
    EXPECT_EQ(responses[i].status, bodies[i] == bad ? 400 : 200) << responses[i].body;
  EXPECT_EQ(rows(), 36);
  EXPECT_EQ(rows("payload->>'sender' = 'good'"), 36);
  EXPECT_EQ(counter("buffer_messages"), 0);
}

TEST_F(Mqwriter, AFullBufferIsA503ThatSaysWhenToComeBack) {
  start({{"MQ_BUFFER_CAPACITY", "100"}});
  EXPECT_EQ(get(daemon->url() + "/metrics/buffer").body, R"({"buffer_utilization":0.0})");
  pqxx::connection blocker(url);
  pqxx::work lock(blocker);
  lock.exec("LOCK TABLE queue_messages IN SHARE ROW EXCLUSIVE MODE");
  auto first = std::async(std::launch::async, [&] { return publish(body(50)); });
  ASSERT_TRUE(eventually([&] { return get(daemon->url() + "/metrics/buffer").json()["buffer_utilization"] == 0.5; }));
  const Reply refused = publish(body(60));
  EXPECT_EQ(refused.status, 503);
  EXPECT_GE(std::stoi(refused.header("retry-after")), 1);
  EXPECT_EQ(refused.header("content-type"), "application/problem+json");
  EXPECT_EQ(get(daemon->url() + "/readyz").status, 200);  // full is not unready
  lock.commit();
  EXPECT_EQ(first.get().status, 200);
  EXPECT_EQ(publish(body(60)).status, 200);
  EXPECT_EQ(publish(body(150)).status, 200);  // larger than the buffer, alone in it
  EXPECT_EQ(rows(), 260);
  EXPECT_EQ(counter("publishes_refused_total{reason=\"full\"}"), 1);
}

TEST_F(Mqwriter, WithPostgresStuckTheResponseIsA503AndTheKeyMayBeRetried) {
  start();
  pqxx::connection blocker(url);
  pqxx::work lock(blocker);
  lock.exec("LOCK TABLE queue_messages IN SHARE ROW EXCLUSIVE MODE");
  const Reply response = publish(body(2), {{"Idempotency-Key", key}});
  EXPECT_EQ(response.status, 503);
  EXPECT_FALSE(response.header("retry-after").empty());
  lock.commit();  // only now: the response did not wait for PostgreSQL
  const Reply again = publish(body(2), {{"Idempotency-Key", key}});
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(rows(), 2);
}

TEST_F(Mqwriter, SigtermAnswersWhatWasAccepted) {
  start();
  std::vector<std::string> bodies(10, body(3));
  pqxx::connection blocker(url);
  pqxx::work lock(blocker);
  lock.exec("LOCK TABLE queue_messages IN SHARE ROW EXCLUSIVE MODE");
  auto responses = std::async(std::launch::async, [&] { return publish_together(bodies); });
  ASSERT_TRUE(eventually([&] { return counter("buffer_messages") == 30; }));
  auto exit_code = std::async(std::launch::async, [&] { return daemon->stop(); });
  EXPECT_TRUE(eventually([&] { return !daemon->log_with("draining").empty(); }));
  lock.commit();
  for (const auto& response : responses.get()) EXPECT_EQ(response.body, R"({"accepted":3,"duplicates":0})");
  EXPECT_EQ(exit_code.get(), 0);
  EXPECT_EQ(rows(), 30);
}

TEST(MqwriterOutage, IsA503WhileItLastsAndThenRecovers) {
  PostgresCluster cluster;
  const std::string url = cluster.migrated_database();
  Daemon daemon("mqwriter", {{"DATABASE_URL", url}});
  daemon.wait_ready();
  const std::string to = daemon.url() + "/v1/publish";
  EXPECT_EQ(post(to, body(1)).status, 200);
  cluster.stop_immediate();
  const Reply response = post(to, body(1, "lost"), {{"Idempotency-Key", key}});
  EXPECT_EQ(response.status, 503);
  EXPECT_FALSE(response.header("retry-after").empty());
  EXPECT_TRUE(eventually([&] { return get(daemon.url() + "/readyz").status == 503; }));
  EXPECT_EQ(get(daemon.url() + "/healthz").status, 200);
  auto waits = std::async(std::launch::async, [&] { return post(to, body(1, "waited"), {{"Idempotency-Key", key}}); });
  cluster.start();
  EXPECT_TRUE(eventually([&] { return get(daemon.url() + "/readyz").status == 200; }));
  EXPECT_TRUE(eventually([&] { return post(to, body(1, "waited"), {{"Idempotency-Key", key}}).status == 200; }));
  waits.get();
  EXPECT_EQ(number(url, "SELECT count(*) FROM queue_messages"), 2);
  EXPECT_EQ(daemon.stop(), 0);
}

TEST(MqwriterStart, ABadSettingStopsItWithItsName) {
  const Finished finished = run_program({binary("mqwriter")}, {{"MQ_BUFFER_SIZE", "many"}});
  EXPECT_EQ(finished.exit_code, 2);
  EXPECT_NE(finished.output.find("MQ_BUFFER_SIZE"), std::string::npos) << finished.output;
}

}  // namespace
}  // namespace prompted::test
