// What an operator sees of every daemon in its logs and responses: requests, slow statements, the memory budget, hosts.
#include "service/queue_fixture.hpp"

namespace prompted::test {
namespace {

json only_line(const Daemon& daemon, const std::string& text) {
  std::vector<std::string> lines;
  if (!eventually([&] { return !(lines = daemon.log_with(text)).empty(); })) return json::object();
  return json::parse(lines.front());
}

class OperatorTest : public testing::Test {
 protected:
  Environment with(Environment environment) const {
    environment.emplace("DATABASE_URL", url);
    return environment;
  }
  std::string url = PostgresCluster::shared().migrated_database();
  const std::string message = R"({"topic":"telemetry","messages":[{"gpu_id":"GPU-1"},{"gpu_id":"GPU-2"}]})";
};

TEST_F(OperatorTest, EachRequestIsALineAtDebug) {
  Daemon writer("mqwriter", with({{"LOG_LEVEL", "debug"}}));
  writer.wait_ready();
  ASSERT_EQ(post(writer.url() + "/v1/publish", message).status, 200);
  json line = only_line(writer, R"("route":"/v1/publish")");
  EXPECT_EQ(line["msg"], "request");
  EXPECT_EQ(line["method"], "POST");
  EXPECT_EQ(line["status"], 200);
  EXPECT_GT(line["ms"].get<double>(), 0);
  EXPECT_EQ(line["request_bytes"], message.size());
  EXPECT_GT(line["sent_bytes"], 100);
  EXPECT_EQ(line["topic"], "telemetry");
  EXPECT_EQ(line["messages"], 2);
  EXPECT_EQ(line["duplicates"], 0);
  EXPECT_EQ(line["first_msg_uuid"].get<std::string>().size(), 36u);
}

TEST_F(OperatorTest, LeasesAndAcksSayHowMany) {
  Daemon writer("mqwriter", with({}));
  Daemon reader("mqreader", with({{"LOG_LEVEL", "debug"}}));
  writer.wait_ready();
  reader.wait_ready();
  ASSERT_EQ(post(writer.url() + "/v1/publish", message).status, 200);
  const Reply leased = post(reader.url() + "/v1/lease",
                            R"({"topic":"telemetry","consumer_id":"me","max":9,"lease_seconds":30,"wait_ms":20000})");
  const std::string lease_id = leased.json()["lease_id"];
  post(reader.url() + "/v1/ack", R"({"topic":"telemetry","consumer_id":"me","lease_id":")" + lease_id + "\"}");
  json lease = only_line(reader, R"("route":"/v1/lease")");
  EXPECT_EQ(lease["topic"], "telemetry");
  EXPECT_EQ(lease["consumer_id"], "me");
  EXPECT_EQ(lease["lease_id"], lease_id);
  EXPECT_EQ(lease["messages"], leased.json()["messages"].size());
  json ack = only_line(reader, R"("route":"/v1/ack")");
  EXPECT_EQ(ack["lease_id"], lease_id);
  EXPECT_EQ(ack["acked"], leased.json()["messages"].size());
}

TEST_F(OperatorTest, NoRequestIsALineAtInfo) {
  Daemon writer("mqwriter", with({}));
  writer.wait_ready();
  ASSERT_EQ(post(writer.url() + "/v1/publish", message).status, 200);
  writer.stop();
  EXPECT_TRUE(writer.log_with(R"("msg":"request")").empty());
}

TEST_F(OperatorTest, SlowStatementsAreNamed) {
  sql(url,
      "CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS "
      "$$ BEGIN PERFORM pg_sleep(0.3); RETURN NULL; END $$;"
      "CREATE TRIGGER dawdle AFTER INSERT ON queue_messages FOR EACH STATEMENT EXECUTE FUNCTION dawdle()");
  Daemon writer("mqwriter", with({{"SLOW_STATEMENT", "200ms"}}));
  Daemon patient("mqwriter", with({}));
  for (Daemon* daemon : {&writer, &patient}) {
    daemon->wait_ready();
    ASSERT_EQ(post(daemon->url() + "/v1/publish", message).status, 200);
  }
  json line = only_line(writer, "slow statement");
  EXPECT_EQ(line["level"], "WARN");
  EXPECT_EQ(line["statement"], "insert_messages");
  EXPECT_GE(line["ms"], 300);
  patient.stop();
  EXPECT_TRUE(patient.log_with("slow statement").empty());
}

TEST_F(OperatorTest, TheMemoryBudgetIsTheSumOfItsParts) {
  for (const char* service : {"mqwriter", "mqreader", "apigw", "collector", "streamer"}) {
    Daemon daemon(service, with({{"STREAMER_CSV_PATH", source_path("samples/telemetry.csv")}}));
    json line = only_line(daemon, "memory budget in bytes");
    std::uint64_t sum = 0;
    for (const auto& [name, value] : line.items())
      if (value.is_number() && name != "total") sum += value.get<std::uint64_t>();
    EXPECT_EQ(line["total"], sum) << service;
    for (const char* part : {"process", "connections", "bodies", "responses"}) EXPECT_GT(line[part], 0) << service;
  }
}

TEST_F(OperatorTest, OtherHostsAndOtherSitesAreRefusedByEveryDaemon) {
  for (const char* service : {"mqwriter", "mqreader", "apigw", "collector", "streamer"}) {
    Daemon daemon(service, with({{"STREAMER_CSV_PATH", source_path("samples/telemetry.csv")},
                                 {"ALLOWED_HOSTS", "telemetry.example.com"}}));
    const auto status = [&](const std::string& host) {
      RawSocket socket(daemon.port());
      socket.send("GET /healthz HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
      return std::stoi(socket.read_until("\r\n").substr(9, 3));
    };
    EXPECT_EQ(status("evil.example"), 421) << service;
    EXPECT_EQ(status("telemetry.example.com"), 200) << service;
    EXPECT_EQ(status("mqwriter:8084"), 200) << service;
    EXPECT_EQ(status("prompted-apigw.default.svc.cluster.local"), 200) << service;
  }
  Daemon reader("mqreader", with({}));
  reader.wait_ready();
  const Reply refused =
      post(reader.url() + "/v1/dead-letters/purge", R"({"all":true})", {{"Origin", "https://evil.example"}});
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(post(reader.url() + "/v1/dead-letters/purge", R"({"all":true})").status, 200);
}

TEST_F(OperatorTest, ABadHostListIsRefusedAtStart) {
  const Finished done = run_program({binary("apigw")}, {{"ALLOWED_HOSTS", "https://a.example"}});
  EXPECT_EQ(done.exit_code, 2);
  EXPECT_NE(done.output.find("ALLOWED_HOSTS"), std::string::npos) << done.output;
}

}  // namespace
}  // namespace prompted::test
