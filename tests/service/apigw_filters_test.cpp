// Which rows a response contains: bounds, window, metric_name, hostname, namespace and pod, compared with SQL.
#include "base/time.hpp"
#include "service/apigw_fixture.hpp"

namespace prompted::test {
namespace {

class ApigwFilters : public Apigw {
 protected:
  void expect_rows(const std::string& path, const std::string& where, std::size_t at_least = 1) const {
    const json expected = rows(where);
    EXPECT_GE(expected.size(), at_least) << where;
    expect_entries(entries(path), expected, path);
  }
  /// Pages of telemetry and its indexes that PostgreSQL touches for `path`. The counters are complete once the daemon's
  /// sessions have ended.
  long pages_for(const std::string& path) {
    const long before = pages_touched();
    start();
    EXPECT_EQ(ask(path).status, 200) << path;
    EXPECT_EQ(daemon->stop(), 0);
    EXPECT_TRUE(eventually([this] { return number(sessions) == 0; }));
    return pages_touched() - before;
  }

 private:
  static constexpr const char* sessions =
      "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
  long number(const std::string& query) const { return sql(query)[0][0].as<long>(); }
  long pages_touched() const {
    return number(
        "SELECT heap_blks_read + heap_blks_hit + coalesce(idx_blks_read + idx_blks_hit, 0) "
        "FROM pg_statio_user_tables WHERE relname = 'telemetry'");
  }
};

const std::string gpu_path = "/api/v1/gpus/GPU-002/telemetry?";
const std::string fleet_path = "/api/v1/telemetry?";

TEST_F(ApigwFilters, MetricNamesOfOneGpu) {
  seed_fleet(3000, 5);
  start();
  expect_rows(gpu_path, "gpu_id = 'GPU-002'", 500);
  expect_rows(gpu_path + "metric_name=metric_0", "gpu_id = 'GPU-002' AND metric_name = 'metric_0'", 100);
  expect_rows(gpu_path + "metric_name=metric_0&metric_name=metric_2",
              "gpu_id = 'GPU-002' AND metric_name <> 'metric_1'", 200);
  expect_rows(gpu_path + "metric_name=metric_1&metric_name=metric_1&metric_name=none",
              "gpu_id = 'GPU-002' AND metric_name = 'metric_1'", 100);
  expect_rows(gpu_path + "metric_name=metric_0&start_time=2026-01-01T00:01:00Z&end_time=2026-01-01T00:05:00Z",
              "gpu_id = 'GPU-002' AND metric_name = 'metric_0' AND \"timestamp\" BETWEEN '2026-01-01T00:01:00Z' AND "
              "'2026-01-01T00:05:00Z'",
              20);
  EXPECT_EQ(entries(gpu_path + "metric_name=none"), json::array());
  EXPECT_EQ(entries(gpu_path + "metric_name=METRIC_0"), json::array());
}

TEST_F(ApigwFilters, TheFleetByHostNamespacePodAndMetric) {
  seed_fleet(3000, 5);
  start();
  expect_rows(fleet_path, "true", 3000);
  const struct {
    const char* query;
    const char* where;
  } parts[] = {{"hostname=host-1&", "hostname = 'host-1'"},
               {"namespace=ns-2&", "namespace = 'ns-2'"},
               {"pod=pod-3&", "pod = 'pod-3'"},
               {"metric_name=metric_0&metric_name=metric_1&", "metric_name IN ('metric_0', 'metric_1')"},
               {"start_time=2026-01-01T00:02:00Z&", "\"timestamp\" >= '2026-01-01T00:02:00Z'"}};
  for (unsigned set = 1; set < 32; ++set) {  // every combination
    std::string query;
    std::string where = "true";
    for (unsigned i = 0; i < 5; ++i) {
      if ((set & (1u << i)) == 0) continue;
      query += parts[i].query;
      where += std::string(" AND ") + parts[i].where;
    }
    expect_rows(fleet_path + query, where, 2);
  }
}

TEST_F(ApigwFilters, WhatIsNotThereIsFoundMissingInAFewPages) {
  sql("ALTER TABLE telemetry SET (autovacuum_enabled = off)");  // autovacuum's pages would be counted too
  seed_fleet(40000, 20);
  sql("ANALYZE telemetry");
  const long whole = pages_for(fleet_path + "step=366d&agg=count");  // reads every row, responds with few
  EXPECT_GT(whole, 500);
  for (const char* query :
       {"metric_name=none", "hostname=none", "namespace=none", "pod=none", "metric_name=none&limit=10",
        "metric_name=none&order=desc", "metric_name=none&step=1s", "hostname=none&step=1s"}) {
    EXPECT_LT(pages_for(fleet_path + query), whole / 20) << query << ": whole fleet " << whole;
  }
  start();
  for (const char* query : {"metric_name=none", "hostname=none&step=1s"}) {
    EXPECT_EQ(entries(fleet_path + query), json::array()) << query;
  }
  EXPECT_EQ(ask(fleet_path + "metric_name=none&limit=10").body, R"({"entries":[],"next_cursor":null})");
  EXPECT_EQ(
      ask(fleet_path + "metric_name=none&format=csv").body,
      "timestamp,metric_name,gpu_id,device,uuid,model_name,hostname,container,pod,namespace,value,labels_raw\r\n");
  EXPECT_EQ(ask(fleet_path + "metric_name=none&format=ndjson").body, "");
}

TEST_F(ApigwFilters, AWindowEndsAtEndTime) {
  seed_fleet(3000, 5);
  start();
  const std::string between =
      "gpu_id = 'GPU-002' AND \"timestamp\" BETWEEN '2026-01-01T00:02:30Z' AND '2026-01-01T00:04:00Z'";
  expect_rows(gpu_path + "window=1m30s&end_time=2026-01-01T00:04:00Z", between, 50);
  expect_rows(gpu_path + "window=90s&end_time=2026-01-01T02:04:00%2B02:00", between, 50);
  expect_rows(gpu_path + "window=90000ms&end_time=2026-01-01T00:04:00Z", between, 50);
  expect_entries(walk(gpu_path + "window=90s&end_time=2026-01-01T00:04:00Z&limit=10", true), rows(between), "paged");
}

TEST_F(ApigwFilters, AWindowEndsNowWithoutEndTime) {
  sql("INSERT INTO telemetry (uuid, gpu_id, metric_name, \"timestamp\", value) SELECT gen_random_uuid(), 'GPU-002', "
      "'m', "
      "now() + age * interval '1 second', age FROM unnest(ARRAY[-7200, -3660, -3540, -600, -1, 3600]) age");
  start();
  const auto values = [this](const std::string& window) {
    std::vector<int> found;
    for (const json& entry : entries(gpu_path + "window=" + window)) found.push_back(entry["value"]);
    return found;
  };
  EXPECT_EQ(values("1h"), (std::vector{-3540, -600, -1}));  // excludes the row dated an hour ahead
  EXPECT_EQ(values("10s"), (std::vector{-1}));
  EXPECT_EQ(values("1d"), (std::vector{-7200, -3660, -3540, -600, -1}));
  EXPECT_EQ(values("3660d"), values("1d"));
}

TEST_F(ApigwFilters, TheCursorPinsARelativeWindow) {
  sql("INSERT INTO telemetry (uuid, gpu_id, metric_name, \"timestamp\", value) SELECT gen_random_uuid(), 'GPU-002', "
      "'m', "
      "now() - interval '1500 milliseconds' + g * interval '100 milliseconds', g FROM generate_series(1, 100) g");
  start();
  // Rows of the two seconds before the first page. Later-dated rows stay out as time passes.
  const std::string path = gpu_path + "window=2s&limit=3";
  Reply page = ask(path);
  const json first = page.json();
  ASSERT_EQ(first["entries"].size(), 3u);
  const auto asked_at = base::now_utc();
  ASSERT_TRUE(eventually([&] { return base::now_utc() > asked_at + std::chrono::milliseconds(1500); }));
  json all = first["entries"];
  for (const json& entry : walk(next_link(page), true)) all.push_back(entry);
  // The earliest row is still included, although a new window would exclude it, and no row between is missing.
  for (std::size_t i = 0; i < all.size(); ++i) ASSERT_EQ(all[i]["value"], i + 1);
  EXPECT_LE(all.back()["timestamp"].get<std::string>(), base::format_rfc3339(asked_at));
  EXPECT_LT(all.size(), 100u);
}

}  // namespace
}  // namespace prompted::test
