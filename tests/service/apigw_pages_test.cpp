// limit, cursor, next_cursor and Link.
#include "service/apigw_fixture.hpp"

namespace prompted::test {
namespace {

class ApigwPages : public Apigw {};

const std::string gpu_path = "/api/v1/gpus/GPU-001/telemetry";

TEST_F(ApigwPages, EitherWayOfWalkingGivesEveryRowOnce) {
  seed_fleet(1500, 3);  // five rows an instant over all, so a page of 7 ends amid an instant
  start();
  const struct {
    std::string path;
    std::string where;
  } cases[] = {
      {gpu_path + "?limit=7", "gpu_id = 'GPU-001'"},
      {gpu_path + "?limit=7&metric_name=metric_1", "gpu_id = 'GPU-001' AND metric_name = 'metric_1'"},
      {gpu_path + "?limit=9&metric_name=metric_2&metric_name=metric_0",
       "gpu_id = 'GPU-001' AND metric_name IN ('metric_0', 'metric_2')"},
      {gpu_path + "?limit=11&start_time=2026-01-01T00:00:10Z&end_time=2026-01-01T00:03:00Z",
       "gpu_id = 'GPU-001' AND \"timestamp\" BETWEEN '2026-01-01T00:00:10Z' AND '2026-01-01T00:03:00Z'"},
      {"/api/v1/telemetry?limit=101", "true"},
      {"/api/v1/telemetry?limit=13&hostname=host-2&metric_name=metric_1",
       "hostname = 'host-2' AND metric_name = 'metric_1'"},
      {"/api/v1/telemetry?limit=13&pod=pod-2", "pod = 'pod-2'"},
  };
  for (const auto& [path, where] : cases) {
    for (const bool up : {true, false}) {
      const std::string asked = path + (up ? "" : "&order=desc");
      const json expected = rows(where, up ? "\"timestamp\", id" : "\"timestamp\" DESC, id DESC");
      ASSERT_GT(expected.size(), 20u) << where;
      for (const bool by_link : {true, false}) {
        expect_entries(walk(asked, by_link), expected, asked + (by_link ? " by Link" : " by next_cursor"));
      }
    }
  }
}

TEST_F(ApigwPages, AllRowsOfOneInstantAreWalkedToo) {
  sql("INSERT INTO telemetry (uuid, gpu_id, metric_name, \"timestamp\", value) SELECT md5(g::text)::uuid, 'GPU-001', "
      "'m', "
      "'2026-01-01T00:00:00.000001Z', g FROM generate_series(1, 100) g");
  start();
  expect_entries(walk(gpu_path + "?limit=1", true), rows("true"), "one at a time");
  expect_entries(walk(gpu_path + "?limit=33&order=desc", true), rows("true", "id DESC"), "newest first");
}

TEST_F(ApigwPages, TheLastPageSaysSo) {
  seed_fleet(20, 1);
  start();
  const std::string path = "/api/v1/gpus/GPU-000/telemetry";
  for (const char* limit : {"20", "21", "10000"}) {
    const Reply whole = ask(path + "?limit=" + limit);
    EXPECT_EQ(whole.headers.count("link"), 0u) << limit;
    EXPECT_TRUE(whole.json().at("next_cursor").is_null()) << limit;
    EXPECT_EQ(whole.json()["entries"].size(), 20u);
  }
  const Reply first = ask(path + "?limit=19");
  EXPECT_EQ(first.headers.count("link"), 1u);
  const Reply last = ask(next_link(first));
  EXPECT_EQ(last.json()["entries"].size(), 1u);
  EXPECT_TRUE(last.json().at("next_cursor").is_null());
  EXPECT_EQ(last.headers.count("link"), 0u);
  // Without a limit there are no pages.
  EXPECT_FALSE(response(path).contains("next_cursor"));
  const Reply none = ask("/api/v1/gpus/unknown/telemetry?limit=5");
  EXPECT_EQ(none.body, R"({"gpu_id":"unknown","entries":[],"next_cursor":null})");
}

TEST_F(ApigwPages, TheLimitMayChangeAndEndBetweenPages) {
  seed_fleet(100, 1);
  start();
  const std::string path = "/api/v1/gpus/GPU-000/telemetry?order=desc";
  json all = entries(path + "&limit=10");
  std::string cursor = response(path + "&limit=10")["next_cursor"];
  const json second = response(path + "&limit=25&cursor=" + cursor);
  for (const json& entry : second["entries"]) all.push_back(entry);
  // The rest without a limit.
  cursor = second["next_cursor"];
  for (const json& entry : entries(path + "&cursor=" + cursor)) all.push_back(entry);
  expect_entries(all, rows("true", "\"timestamp\" DESC, id DESC"), path);
}

TEST_F(ApigwPages, ACursorBelongsToItsQuery) {
  seed_fleet(100, 2);
  start();
  const std::string cursor = response(gpu_path + "?limit=10&metric_name=metric_1")["next_cursor"];
  EXPECT_EQ(ask(gpu_path + "?limit=10&metric_name=metric_1&cursor=" + cursor).status, 200);
  for (const std::string& other :
       {gpu_path + "?limit=10", gpu_path + "?limit=10&metric_name=metric_2",
        gpu_path + "?limit=10&metric_name=metric_1&metric_name=metric_2",
        gpu_path + "?limit=10&metric_name=metric_1&order=desc", gpu_path + "?limit=10&metric_name=metric_1&step=30s",
        std::string("/api/v1/gpus/GPU-000/telemetry?limit=10&metric_name=metric_1"),
        std::string("/api/v1/telemetry?limit=10&metric_name=metric_1")}) {
    const Reply response = ask(other + "&cursor=" + cursor);
    EXPECT_EQ(response.status, 400) << other;
    EXPECT_TRUE(response.json()["error"].get<std::string>().starts_with("invalid cursor: ")) << response.body;
  }
}

TEST_F(ApigwPages, LinksKeepOddNames) {
  sql("INSERT INTO telemetry (uuid, gpu_id, metric_name, \"timestamp\", value) SELECT md5(g::text)::uuid, 'a/b ä?#%', "
      "'m&n=1+2', '2026-01-01T00:00:00Z', g FROM generate_series(1, 5) g");
  start();
  const std::string path =
      "/api/v1/gpus/a%2Fb%20%C3%A4%3F%23%25/"
      "telemetry?limit=2&metric_name=m%26n%3D1%2B2&start_time=2025-12-31T23:00:00-01:00";
  expect_entries(walk(path, true), rows("true"), path);
}

TEST_F(ApigwPages, LinksWorkInEveryFormat) {
  seed_fleet(25, 1);
  start();
  for (const char* format : {"csv", "ndjson"}) {
    std::string next = "/api/v1/gpus/GPU-000/telemetry?limit=10&format=" + std::string(format);
    std::size_t lines = 0;
    int pages = 0;
    for (; !next.empty(); ++pages) {
      const Reply response = ask(next);
      lines += static_cast<std::size_t>(std::count(response.body.begin(), response.body.end(), '\n'));
      next = next_link(response);
    }
    EXPECT_EQ(pages, 3) << format;
    EXPECT_EQ(lines, std::string(format) == "csv" ? 25u + 3u : 25u);
  }
}

}  // namespace
}  // namespace prompted::test
