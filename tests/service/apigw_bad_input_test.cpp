// Every kind of bad input gets a 400 that names the parameter. Harmless variations are accepted.
#include "service/apigw_fixture.hpp"

namespace prompted::test {
namespace {

class ApigwInput : public Apigw {};

const std::string path = "/api/v1/gpus/GPU-1/telemetry?";

TEST_F(ApigwInput, BadInputIsNamed) {
  start();
  const std::string long_text(257, 'x');
  const std::string repeated = [] {
    std::string query;
    for (int i = 0; i < 101; ++i) query += "metric_name=m" + std::to_string(i) + "&";
    return query;
  }();
  const struct {
    std::string path;
    std::string name;
  } cases[] = {
      {path + "start_time=yesterday", "start_time"},
      {path + "start_time=2026-02-30T00:00:00Z", "start_time"},
      {path + "start_time=2026-01-01", "start_time"},
      {path + "start_time=2026-01-01T00:00:00", "start_time"},
      {path + "start_time=1767225600", "start_time"},
      {path + "start_time=0000-12-31T00:00:00Z", "start_time"},
      {path + "start_time=%FF", "start_time"},
      {path + "end_time=2026-01-01T24:00:01Z", "end_time"},
      {path + "end_time=9999-12-31T23:59:59-00:01", "end_time"},
      {path + "start_time=2026-01-02T00:00:00Z&end_time=2026-01-01T00:00:00Z", "start_time"},
      {path + "start_time=2026-01-01T00:00:00Z&start_time=2026-01-02T00:00:00Z", "start_time"},
      {path + "window=15", "window"},
      {path + "window=-15m", "window"},
      {path + "window=0s", "window"},
      {path + "window=1.5h", "window"},
      {path + "window=3661d", "window"},
      {path + "window=99999999999999999999s", "window"},
      {path + "window=15m&start_time=2026-01-01T00:00:00Z", "window"},
      {path + "limit=0", "limit"},
      {path + "limit=10001", "limit"},
      {path + "limit=-1", "limit"},
      {path + "limit=ten", "limit"},
      {path + "limit=1e3", "limit"},
      {path + "limit=%2B5", "limit"},
      {path + "limit=5&limit=5", "limit"},
      {path + "cursor=x", "cursor"},
      {path + "cursor=0.z.z.0.0", "cursor"},
      {path + "cursor=" + std::string(2049, '0'), "cursor"},
      {path + "order=up", "order"},
      {path + "order=ASC", "order"},
      {path + "step=0s", "step"},
      {path + "step=367d", "step"},
      {path + "step=1y", "step"},
      {path + "agg=avg", "agg"},
      {path + "step=1s&agg=median", "agg"},
      {path + "step=1s&agg=avg&agg=max", "agg"},
      {path + "format=xml", "format"},
      {path + "metric_name=a%00b", "metric_name"},
      {path + "metric_name=" + long_text, "metric_name"},
      {path + repeated, "metric_name"},
      {path + "metricname=m", "metricname"},
      {path + "Limit=5", "Limit"},
      {path + "hostname=h", "hostname"},  // of /api/v1/telemetry
      {"/api/v1/gpus/" + long_text + "/telemetry", "id"},
      {"/api/v1/gpus/a%00b", "id"},
      {"/api/v1/gpus/%FF/metrics", "id"},
      {"/api/v1/gpus/GPU-1?details=true", "details"},
      {"/api/v1/telemetry?hostname=%C3%28", "hostname"},
      {"/api/v1/telemetry?pod=" + long_text, "pod"},
      {"/api/v1/telemetry?namespace=a&namespace=b", "namespace"},
      {"/api/v1/telemetry?gpu_id=GPU-1", "gpu_id"},
      {"/api/v1/gpus?details=yes", "details"},
      {"/api/v1/gpus?model_name=%FE", "model_name"},
      {"/api/v1/gpus?limit=5", "limit"},
      {"/api/v1/metrics/latest?metric_name=%00", "metric_name"},
      {"/api/v1/metrics/latest?window=1h", "window"},
  };
  for (const auto& [asked, name] : cases) {
    const Reply response = ask(asked);
    EXPECT_EQ(response.status, 400) << asked << ": " << response.body;
    EXPECT_EQ(response.header("content-type"), "application/problem+json") << asked;
    const json problem = json::parse(response.body, nullptr, false);
    ASSERT_TRUE(problem.is_object()) << asked << ": " << response.body;
    EXPECT_NE(problem["error"].get<std::string>().find(name), std::string::npos) << asked << ": " << response.body;
    EXPECT_EQ(problem["error"], problem["detail"]);
    EXPECT_EQ(problem["status"], 400);
  }
  EXPECT_EQ(daemon->log_with("\"level\":\"ERROR\"").size(), 0u);
  EXPECT_EQ(ask("/api/v1/gpus").body, R"({"gpus":[]})");
}

TEST_F(ApigwInput, WhatClientsSendInGoodFaith) {
  sql("INSERT INTO telemetry (uuid, gpu_id, metric_name, \"timestamp\", value) SELECT md5(g::text)::uuid, 'GPU-1', "
      "'m', "
      "timestamptz '2026-01-01T00:00:00Z' + g * interval '1 minute', g FROM generate_series(0, 239) g");
  start();
  // A raw + decodes to a space in a query string.
  const Reply raw = ask(path + "start_time=2026-01-01T03:00:00+02:00&end_time=2026-01-01T04:00:00+02:00");
  const Reply coded = ask(path + "start_time=2026-01-01T03:00:00%2B02:00&end_time=2026-01-01T04:00:00%2B02:00");
  EXPECT_EQ(raw.json()["entries"].size(), 61u);
  EXPECT_EQ(raw.json()["entries"][0]["timestamp"], "2026-01-01T01:00:00.000000Z");
  EXPECT_EQ(raw.body, coded.body);
  EXPECT_EQ(entries(path + "start_time=2026-01-01t00:00:00z&end_time=2026-01-01t00:09:00z").size(), 10u);
  EXPECT_EQ(entries(path + "start_time=2026-01-01%2000:00:00Z&end_time=2026-01-01+00:09:00Z").size(), 10u);
  EXPECT_EQ(entries(path + "start_time=2026-01-01T00:00:00.0000009Z&end_time=2026-01-01T00:00:00.9999999Z").size(), 1u);
  EXPECT_EQ(entries(path + "start_time=0001-01-01T00:00:00Z&end_time=9999-12-31T23:59:59Z").size(), 240u);
}

TEST_F(ApigwInput, AnEmptyParameterIsAbsent) {
  sql("INSERT INTO telemetry (uuid, gpu_id, metric_name, \"timestamp\") VALUES (gen_random_uuid(), 'GPU-1', 'm', "
      "now())");
  start();
  const std::string plain = ask("/api/v1/gpus/GPU-1/telemetry").body;
  EXPECT_EQ(ask(path + "start_time=&end_time=&window=&metric_name=&limit=&cursor=&order=&step=&agg=&format=").body,
            plain);
  EXPECT_EQ(ask(path + "limit&order").body, plain);
  EXPECT_EQ(ask(path + "&&").body, plain);
  EXPECT_EQ(ask(path + "limit=&limit=7").json()["next_cursor"], nullptr);  // given once, beside an empty one
  EXPECT_EQ(ask(path + "metric_name=&metric_name=m").body, plain);
  EXPECT_EQ(ask("/api/v1/gpus?details=&hostname=&pod=&namespace=&model_name=").body, R"({"gpus":[{"id":"GPU-1"}]})");
}

}  // namespace
}  // namespace prompted::test
