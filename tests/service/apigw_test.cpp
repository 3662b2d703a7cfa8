// apigw as a separate process against a real PostgreSQL.
#include <gtest/gtest.h>

#include <memory>

#include "support/daemon.hpp"
#include "support/http.hpp"
#include "support/postgres_cluster.hpp"
#include "support/wait.hpp"

namespace prompted::test {
namespace {

constexpr const char* gpu = "GPU-0a1b2c3d";

void sql(const std::string& url, const std::string& text) {
  pqxx::connection connection(url);
  pqxx::nontransaction(connection).exec(text);
}

/// `rows` rows of one GPU, seven to a timestamp, their uuids in the order of the response.
void seed(const std::string& url, const std::string& gpu_id, int rows) {
  sql(url,
      "INSERT INTO telemetry (uuid, gpu_id, metric_name, \"timestamp\", device, value, labels_raw) "
      "SELECT lpad(to_hex(g), 32, '0')::uuid, '" +
          gpu_id +
          "', 'DCGM_FI_DEV_GPU_UTIL', "
          "timestamptz '2026-01-01T00:00:00Z' + (g / 7) * interval '1 second', 'nvidia0', g, repeat('x', 200) "
          "FROM generate_series(1, " +
          std::to_string(rows) + ") g");
}

class Apigw : public testing::Test {
 protected:
  void start(Environment more = {}) {
    more["DATABASE_URL"] = url;
    daemon = std::make_unique<Daemon>("apigw", more);
    daemon->wait_ready();
  }
  std::string telemetry(const std::string& query = "") const {
    return daemon->url() + "/api/v1/gpus/" + gpu + "/telemetry" + query;
  }
  std::size_t entries(const std::string& query) const {
    const Reply response = get(telemetry(query));
    EXPECT_EQ(response.status, 200) << response.body;
    return response.json()["entries"].size();
  }
  void expect_invalid(const std::string& query, const std::string& begins) const {
    const Reply response = get(telemetry(query));
    EXPECT_EQ(response.status, 400) << query;
    EXPECT_EQ(response.header("content-type"), "application/problem+json");
    EXPECT_TRUE(response.json()["error"].get<std::string>().starts_with(begins)) << response.body;
    EXPECT_EQ(response.json()["error"], response.json()["detail"]);
  }

  std::string url = PostgresCluster::shared().migrated_database();
  std::unique_ptr<Daemon> daemon;
};

TEST_F(Apigw, TheLargestBodyIsASetting) {
  start({{"HTTP_MAX_BODY", "10"}});
  for (const char* path : {"/api/v1/gpus", "/healthz"}) {
    RawSocket socket(daemon->port());
    socket.send(std::string("GET ") + path +
                " HTTP/1.1\r\nHost: t\r\nConnection: close\r\nContent-Length: 11\r\n\r\n12345678901");
    EXPECT_TRUE(socket.read_all().starts_with("HTTP/1.1 413 ")) << path;
  }
}

TEST_F(Apigw, ListsGpusSortedById) {
  start();
  EXPECT_EQ(get(daemon->url() + "/api/v1/gpus").body, R"({"gpus":[]})");
  for (const char* id : {"b", "GPU-c9d0e1f2", "a\"b", "GPU-0a1b2c3d"}) {
    sql(url,
        std::string("INSERT INTO telemetry (uuid, gpu_id, metric_name, \"timestamp\") SELECT gen_random_uuid(), '") +
            id + "', 'm', now() FROM generate_series(1, 3)");
  }
  EXPECT_EQ(get(daemon->url() + "/api/v1/gpus").body,
            R"({"gpus":[{"id":"GPU-0a1b2c3d"},{"id":"GPU-c9d0e1f2"},{"id":"a\"b"},{"id":"b"}]})");
}

TEST_F(Apigw, AnEntryIsExactlyTheRow) {
  sql(url,
      "INSERT INTO telemetry (uuid, gpu_id, metric_name, \"timestamp\", model_name, value, ingested_at) VALUES "
      "('01890a5d-ac96-774b-bcce-b302099a8057', 'GPU-0a1b2c3d', 'm', '2026-11-23T14:00:00.5+02', 'H \"100\"', 0.1, "
      "'2026-11-23T12:00:01Z')");
  start();
  const Reply response = get(telemetry());
  EXPECT_EQ(response.header("content-type"), "application/json");
  EXPECT_EQ(response.header("content-length"), std::to_string(response.body.size()));
  EXPECT_EQ(
      response.body,
      R"({"gpu_id":"GPU-0a1b2c3d","entries":[{"uuid":"01890a5d-ac96-774b-bcce-b302099a8057","gpu_id":"GPU-0a1b2c3d",)"
      R"("metric_name":"m","timestamp":"2026-11-23T12:00:00.500000Z","device":null,"model_name":"H \"100\"",)"
      R"("hostname":null,"container":null,"pod":null,"namespace":null,"value":0.1,"labels_raw":null,)"
      R"("ingested_at":"2026-11-23T12:00:01.000000Z"}]})");
}

TEST_F(Apigw, IdsArePercentDecodedAndUnknownOnesEmpty) {
  sql(url,
      "INSERT INTO telemetry (uuid, gpu_id, metric_name, \"timestamp\", value) VALUES "
      "(gen_random_uuid(), 'a/b ä', 'm', now(), 'NaN')");
  start();
  const Reply odd = get(daemon->url() + "/api/v1/gpus/a%2Fb%20%C3%A4/telemetry");
  ASSERT_EQ(odd.json()["entries"].size(), 1u);
  EXPECT_TRUE(odd.json()["entries"][0]["value"].is_null());
  EXPECT_EQ(get(telemetry()).body, R"({"gpu_id":"GPU-0a1b2c3d","entries":[]})");
  EXPECT_EQ(get(daemon->url() + "/api/v1/gpus/%FF/telemetry").status, 400);
  EXPECT_EQ(get(daemon->url() + "/api/v1/gpus/a%00/telemetry").status, 400);
}

TEST_F(Apigw, TheWindowIsInclusiveAndLenient) {
  seed(url, gpu, 21);  // 6 rows at :00, 7 at :01, 7 at :02, 1 at :03
  start();
  EXPECT_EQ(entries(""), 21u);
  EXPECT_EQ(entries("?start_time=&end_time="), 21u);
  EXPECT_EQ(entries("?start_time=2026-01-01T00:00:01Z"), 15u);
  EXPECT_EQ(entries("?start_time=2026-01-01T00:00:01.0000001Z"), 15u);
  EXPECT_EQ(entries("?start_time=2026-01-01T00:00:01.000001Z"), 8u);
  EXPECT_EQ(entries("?end_time=2026-01-01T00:00:01Z"), 13u);
  EXPECT_EQ(entries("?start_time=2026-01-01T00:00:01Z&end_time=2026-01-01T00:00:01Z"), 7u);
  EXPECT_EQ(entries("?start_time=2026-01-01t01:00:01+01:00&end_time=2026-01-01%2000:00:01z"), 7u);
}

TEST_F(Apigw, BadParametersAreNamed) {
  start();
  expect_invalid("?start_time=yesterday", "invalid start_time: ");
  expect_invalid("?end_time=2026-02-30T00:00:00Z", "invalid end_time: ");
  expect_invalid("?start_time=%FF", "invalid start_time: ");
  expect_invalid("?start_time=2026-01-02T00:00:00Z&end_time=2026-01-01T00:00:00Z",
                 "start_time must be before or equal to end_time");
  Call post_call;
  post_call.method = "POST";
  EXPECT_EQ(http(telemetry(), post_call).status, 405);
  EXPECT_EQ(get(daemon->url() + "/api/v1/nothing").status, 404);
}

TEST_F(Apigw, AMillionBytesAndMoreAreStreamedInOrderWithoutRepeats) {
  constexpr int rows = 200000;
  seed(url, gpu, rows);
  start();
  Call call;
  call.timeout = std::chrono::seconds(120);
  const Reply response = http(telemetry(), call);
  EXPECT_EQ(response.header("transfer-encoding"), "chunked");
  const auto body = response.json();
  ASSERT_EQ(body["entries"].size(), static_cast<std::size_t>(rows));
  std::string last;
  for (const auto& entry : body["entries"]) {
    const std::string uuid = entry["uuid"];
    ASSERT_LT(last, uuid);
    last = uuid;
  }
}

TEST_F(Apigw, LargeRowsAreCutByBytes) {
  sql(url,
      "INSERT INTO telemetry (uuid, gpu_id, metric_name, \"timestamp\", labels_raw) SELECT gen_random_uuid(), "
      "'GPU-0a1b2c3d', 'm', now(), repeat('x', 250000) FROM generate_series(1, 40)");
  start();
  EXPECT_EQ(entries(""), 40u);
  const std::string metrics = get(daemon->url() + "/metrics").body;
  EXPECT_NE(metrics.find("prompted_apigw_rows_returned_total 40"), std::string::npos) << metrics;
  EXPECT_NE(metrics.find("prompted_apigw_pages_read_total 20"), std::string::npos) << metrics;
}

TEST_F(Apigw, StalledExportsHoldNoConnection) {
  seed(url, gpu, 200000);
  start({{"DB_POOL_SIZE", "2"}});
  std::vector<std::unique_ptr<RawSocket>> stalled;
  for (int i = 0; i < 3; ++i) {
    stalled.push_back(std::make_unique<RawSocket>(daemon->port()));
    stalled.back()->set_receive_buffer(4096);
    stalled.back()->send("GET /api/v1/gpus/" + std::string(gpu) + "/telemetry HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_NE(stalled.back()->read_until("\r\n\r\n").find("200"), std::string::npos);
  }
  const auto rows_returned = [this] {
    const std::string metrics = get(daemon->url() + "/metrics").body;
    const std::string name = "\nprompted_apigw_rows_returned_total ";
    return std::stod(metrics.substr(metrics.find(name) + name.size()));
  };
  double before = -1;
  ASSERT_TRUE(eventually([&] { return std::exchange(before, rows_returned()) == before; }));  // all three are stuck
  EXPECT_LT(before, 600000);
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(get(daemon->url() + "/api/v1/gpus").body, R"({"gpus":[{"id":"GPU-0a1b2c3d"}]})");
}

TEST(ApigwOutage, IsA503AndThenRecovers) {
  PostgresCluster cluster;
  Daemon daemon("apigw", {{"DATABASE_URL", cluster.migrated_database()}});
  daemon.wait_ready();
  const std::string gpus = daemon.url() + "/api/v1/gpus";
  EXPECT_EQ(get(gpus).status, 200);
  cluster.stop_immediate();
  for (const std::string& path : {gpus, gpus + "/GPU-1/telemetry"}) {
    const Reply response = get(path);
    EXPECT_EQ(response.status, 503);
    EXPECT_FALSE(response.header("retry-after").empty());
    EXPECT_EQ(response.header("content-type"), "application/problem+json");
  }
  EXPECT_TRUE(eventually([&] { return get(daemon.url() + "/readyz").status == 503; }));
  EXPECT_EQ(get(daemon.url() + "/healthz").status, 200);
  cluster.start();
  EXPECT_TRUE(eventually([&] { return get(gpus).status == 200; }));
  EXPECT_EQ(daemon.stop(), 0);
}

TEST(ApigwReadOnly, AServerThatTakesNoWritesServesReads) {
  const std::string url = PostgresCluster::shared().migrated_database();
  const std::string database = url.substr(url.rfind('/') + 1, url.find('?') - url.rfind('/') - 1);
  pqxx::connection admin(PostgresCluster::shared().url("postgres"));
  pqxx::nontransaction(admin).exec("ALTER DATABASE " + database + " SET default_transaction_read_only = on");
  Daemon daemon("apigw", {{"DATABASE_URL", url}});
  daemon.wait_ready();
  EXPECT_EQ(get(daemon.url() + "/api/v1/gpus").body, R"({"gpus":[]})");
}

TEST(ApigwReadOnly, AnUnmigratedDatabaseIsSaidInReadyz) {
  Daemon daemon("apigw", {{"DATABASE_URL", PostgresCluster::shared().empty_database()}});
  EXPECT_TRUE(eventually([&] {
    return get(daemon.url() + "/readyz").body.find(R"("schema":"no tables, version 3 needed: make migrate-up")") !=
           std::string::npos;
  }));
}

}  // namespace
}  // namespace prompted::test
