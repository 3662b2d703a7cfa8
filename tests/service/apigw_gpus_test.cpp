// GPUs: the list, its filters and details, one GPU and its metrics, compared with SQL.
#include "service/apigw_fixture.hpp"

namespace prompted::test {
namespace {

class ApigwGpus : public Apigw {
 protected:
  /// GPUs whose names sort differently by bytes and by locale, two metrics each of which the second has no later row;
  /// the earlier rows are of another host, model, pod and namespace.
  void seed_gpus(int count) const {
    sql("INSERT INTO telemetry (uuid, gpu_id, metric_name, \"timestamp\", device, model_name, hostname, container, "
        "pod, "
        "namespace, value) SELECT md5(g || '-' || r)::uuid, (ARRAY['GPU-', 'gpu-', 'MIG-', 'Zä-', '\"-'])[g % 5 + 1] "
        "|| g, "
        "CASE r WHEN 2 THEN 'b' ELSE 'A' END, timestamptz '2026-01-01T00:00:00Z' + (g + r * 10) * interval '1 second', "
        "'nvidia' || (g + r) % 8, 'model-' || (g + r) % 3, 'host-' || (g + r) % 7, CASE g % 4 WHEN 0 THEN 'c' END, "
        "'pod-' || (g + r) % 5, nullif('ns-' || (g + r) % 3, 'ns-0'), CASE WHEN g % 6 > 0 THEN g * 10 + r END "
        "FROM generate_series(1, " +
        std::to_string(count) + ") g, generate_series(1, 3) r");
  }
  /// The expected details of each GPU, computed by one sort of all rows.
  json details(const std::string& where = "true") const {
    return sql_json(
        "SELECT coalesce(jsonb_agg(jsonb_build_object('id', gpu_id, 'model_name', model_name, 'hostname', hostname, "
        "'device', device, 'namespace', namespace, 'pod', pod, 'container', container, 'first_seen', " +
        text_of("first_seen") + ", 'last_seen', " + text_of("\"timestamp\"") +
        ") ORDER BY gpu_id COLLATE \"C\"), '[]') FROM (SELECT *, row_number() OVER (PARTITION BY gpu_id ORDER BY "
        "\"timestamp\" DESC, id DESC) AS n, min(\"timestamp\") OVER (PARTITION BY gpu_id) AS first_seen FROM "
        "telemetry) r "
        "WHERE n = 1 AND " +
        where);
  }
  static std::string text_of(const std::string& column) {
    return "to_char(" + column + " AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')";
  }
  static json ids_of(const json& gpus) {
    json ids = json::array();
    for (const json& gpu : gpus) ids.push_back({{"id", gpu["id"]}});
    return ids;
  }
};

TEST_F(ApigwGpus, ListsOfEveryLength) {
  start();
  EXPECT_EQ(ask("/api/v1/gpus?details=true").body, R"({"gpus":[]})");
  EXPECT_EQ(ask("/api/v1/metrics/latest").body, R"({"metrics":[]})");
  for (const int count : {1, 500, 501, 5000, 5500}) {  // pages of details end at 500, pages of ids at 5000
    sql("TRUNCATE telemetry");
    seed_gpus(count);
    const json expected = details();
    ASSERT_EQ(expected.size(), static_cast<std::size_t>(count));
    expect_entries(response("/api/v1/gpus")["gpus"], ids_of(expected), "ids");
    expect_entries(response("/api/v1/gpus?details=true")["gpus"], expected, "details");
    expect_entries(response("/api/v1/gpus?details=false&hostname=")["gpus"], ids_of(expected), "details=false");
  }
}

TEST_F(ApigwGpus, FiltersLookAtTheLatestRow) {
  seed_gpus(1200);
  start();
  const struct {
    const char* query;
    const char* where;
  } cases[] = {
      {"hostname=host-3", "hostname = 'host-3'"},
      {"model_name=model-2", "model_name = 'model-2'"},
      {"namespace=ns-1", "namespace = 'ns-1'"},
      {"pod=pod-4", "pod = 'pod-4'"},
      {"hostname=host-3&model_name=model-2", "hostname = 'host-3' AND model_name = 'model-2'"},
      {"namespace=ns-2&pod=pod-0&hostname=host-1", "namespace = 'ns-2' AND pod = 'pod-0' AND hostname = 'host-1'"}};
  for (const auto& [query, where] : cases) {
    const json expected = details(where);
    ASSERT_GT(expected.size(), 5u) << where;
    ASSERT_LT(expected.size(), 1200u);
    expect_entries(response("/api/v1/gpus?" + std::string(query))["gpus"], ids_of(expected), query);
    expect_entries(response("/api/v1/gpus?details=1&" + std::string(query))["gpus"], expected, query);
  }
  EXPECT_EQ(ask("/api/v1/gpus?hostname=none").body, R"({"gpus":[]})");
}

TEST_F(ApigwGpus, OneThatPassesOnALaterPageBeginsTheList) {
  seed_gpus(1200);
  const json last = details().back();
  const std::string id = last["id"];
  sql("INSERT INTO telemetry (uuid, gpu_id, metric_name, \"timestamp\", hostname) VALUES (gen_random_uuid(), '" + id +
      "', 'm', '2026-06-01T00:00:00Z', 'moved')");
  start();
  EXPECT_EQ(response("/api/v1/gpus?hostname=moved"), (json{{"gpus", {{{"id", id}}}}}));
  EXPECT_EQ(response("/api/v1/metrics/latest?hostname=moved")["metrics"].size(), 1u);
}

TEST_F(ApigwGpus, OneGpu) {
  seed_gpus(12);
  start();
  for (const json& expected : details()) {
    const std::string id = expected["id"];
    std::string path = "/api/v1/gpus/";
    for (const char c : id) path += c == '"' ? "%22" : std::string(1, c);
    json gpu = response(path);
    const json metrics =
        sql_json("SELECT jsonb_agg(jsonb_build_object('metric_name', metric_name, 'value', value, 'timestamp', " +
                 text_of("\"timestamp\"") + ", 'first_seen', " + text_of("first_seen") +
                 ") ORDER BY metric_name COLLATE \"C\") FROM (SELECT DISTINCT ON (metric_name) *, min(\"timestamp\") "
                 "OVER (PARTITION "
                 "BY metric_name) AS first_seen FROM telemetry WHERE gpu_id = '" +
                 id + "' ORDER BY metric_name, \"timestamp\" DESC, id DESC) m");
    ASSERT_EQ(metrics.size(), 2u);
    EXPECT_EQ(gpu["metrics"], metrics) << id;
    EXPECT_EQ(response(path + "/metrics"), (json{{"gpu_id", id}, {"metrics", metrics}}));
    gpu.erase("metrics");
    EXPECT_EQ(gpu, expected);
  }
}

TEST_F(ApigwGpus, AnUnknownGpuIsA404) {
  seed_gpus(3);
  start();
  for (const char* path :
       {"/api/v1/gpus/none", "/api/v1/gpus/none/metrics", "/api/v1/gpus/GPU-", "/api/v1/gpus/%F0%9F%98%80"}) {
    const Reply response = ask(path);
    EXPECT_EQ(response.status, 404) << path;
    EXPECT_EQ(response.header("content-type"), "application/problem+json");
    EXPECT_EQ(response.json()["error"], "unknown GPU");
    EXPECT_EQ(response.json()["detail"], "unknown GPU");
    EXPECT_EQ(response.json()["status"], 404);
  }
  EXPECT_EQ(ask("/api/v1/gpus/none/telemetry").status, 200);
}

TEST_F(ApigwGpus, LatestOfEveryMetric) {
  const auto latest = [this](const std::string& where) {
    return sql_json(
        "SELECT coalesce(jsonb_agg(jsonb_build_object('gpu_id', gpu_id, 'metric_name', metric_name, 'value', value, "
        "'timestamp', " +
        text_of("\"timestamp\"") +
        ", 'device', device, 'model_name', model_name, 'hostname', hostname, 'container', container, 'pod', pod, "
        "'namespace', namespace) ORDER BY gpu_id COLLATE \"C\", metric_name COLLATE \"C\"), '[]') FROM (SELECT "
        "DISTINCT ON "
        "(gpu_id, metric_name) * FROM telemetry ORDER BY gpu_id, metric_name, \"timestamp\" DESC, id DESC) m WHERE " +
        where);
  };
  start();
  for (const int count : {1, 100, 101, 750}) {  // pages end at 100 GPUs
    sql("TRUNCATE telemetry");
    seed_gpus(count);
    const json all = latest("true");
    ASSERT_EQ(all.size(), 2u * static_cast<unsigned>(count));
    expect_entries(response("/api/v1/metrics/latest")["metrics"], all, "all");
    expect_entries(response("/api/v1/metrics/latest?metric_name=b")["metrics"], latest("metric_name = 'b'"), "b");
    expect_entries(response("/api/v1/metrics/latest?metric_name=b&metric_name=A&metric_name=b")["metrics"], all,
                   "A and b");
    EXPECT_EQ(response("/api/v1/metrics/latest?metric_name=none")["metrics"], json::array());
  }
  for (const auto& [query, where] : std::vector<std::pair<std::string, std::string>>{
           {"hostname=host-2", "hostname = 'host-2'"},
           {"model_name=model-1&metric_name=A", "model_name = 'model-1' AND metric_name = 'A'"},
           {"namespace=ns-2&pod=pod-1", "namespace = 'ns-2' AND pod = 'pod-1'"}}) {
    ASSERT_GT(latest(where).size(), 10u);
    expect_entries(response("/api/v1/metrics/latest?" + query)["metrics"], latest(where), query);
  }
}

}  // namespace
}  // namespace prompted::test
