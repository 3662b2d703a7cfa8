// ETag, If-None-Match and Cache-Control.
#include <future>

#include "service/apigw_fixture.hpp"

namespace prompted::test {
namespace {

const std::string window = "start_time=2026-01-01T00:00:10Z&end_time=2026-01-01T00:59:59Z";
const std::string gpu_path = "/api/v1/gpus/GPU-1/telemetry?";

class ApigwCaching : public Apigw {
 protected:
  /// A row a second from 2026-01-01T00:00:00Z on.
  void seed(int count) const {
    sql("INSERT INTO telemetry (uuid, gpu_id, metric_name, \"timestamp\", hostname, value) SELECT gen_random_uuid(), "
        "'GPU-1', 'm', timestamptz '2026-01-01T00:00:00Z' + g * interval '1 second', 'h', g FROM generate_series(1, " +
        std::to_string(count) + ") g");
  }
  void insert(const std::string& at, const std::string& gpu = "GPU-1", const std::string& metric = "m") const {
    sql("INSERT INTO telemetry (uuid, gpu_id, metric_name, \"timestamp\", hostname, value) VALUES (gen_random_uuid(), "
        "'" +
        gpu + "', '" + metric + "', '" + at + "', 'h', 7)");
  }
  std::string tag_of(const std::string& path) const {
    const Reply response = ask(path);
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.header("cache-control"), "no-cache") << path;
    EXPECT_TRUE(response.header("etag").starts_with("W/\"") && response.header("etag").ends_with('"')) << path;
    return response.header("etag");
  }
  int status(const std::string& path, const std::string& if_none_match) const {
    return ask(path, {{"If-None-Match", if_none_match}}).status;
  }
};

TEST_F(ApigwCaching, AClosedWindowIsAskedAbout) {
  seed(100);
  start();
  for (const std::string& path :
       {gpu_path + window, gpu_path + "end_time=2026-01-01T00:59:59Z",
        gpu_path + "window=1h&end_time=2026-01-01T00:59:59Z", gpu_path + window + "&limit=10",
        gpu_path + window + "&step=10s", gpu_path + window + "&format=csv", gpu_path + window + "&metric_name=m",
        "/api/v1/telemetry?" + window, "/api/v1/telemetry?" + window + "&metric_name=none"}) {
    const std::string tag = tag_of(path);
    EXPECT_EQ(tag_of(path), tag) << "twice the same";
    const Reply same = ask(path, {{"If-None-Match", tag}});
    EXPECT_EQ(same.status, 304) << path;
    EXPECT_EQ(same.header("etag"), tag);
    EXPECT_EQ(same.header("cache-control"), "no-cache");
    EXPECT_EQ(same.body, "");
    EXPECT_EQ(status(path, tag.substr(2)), 304) << "compared weakly";
    EXPECT_EQ(status(path, "\"other\", " + tag), 304);
    EXPECT_EQ(status(path, "*"), 304);
    EXPECT_EQ(status(path, "\"other\""), 200);
  }
}

TEST_F(ApigwCaching, ALateRowInsideChangesTheTagAndOneOutsideDoesNot) {
  for (const int count : {100, 3500}) {  // a page, and a stream of several
    sql("TRUNCATE telemetry");
    seed(count);
    start();
    for (const std::string& path :
         {gpu_path + window, gpu_path + window + "&order=desc", gpu_path + window + "&format=csv",
          gpu_path + window + "&metric_name=m", gpu_path + window + "&step=10s&agg=count",
          "/api/v1/telemetry?hostname=h&metric_name=m&" + window}) {
      const std::string tag = tag_of(path);
      insert("2026-01-01T00:00:09.999999Z");
      insert("2026-01-01T01:00:00Z");
      if (path.starts_with(gpu_path)) insert("2026-01-01T00:00:20Z", "GPU-2");
      if (path.find("metric_name") != std::string::npos) insert("2026-01-01T00:00:20Z", "GPU-1", "other");
      EXPECT_EQ(status(path, tag), 304) << path;
      insert("2026-01-01T00:59:59Z");
      const Reply changed = ask(path, {{"If-None-Match", tag}});
      EXPECT_EQ(changed.status, 200) << path;
      EXPECT_NE(changed.header("etag"), tag) << path;
      EXPECT_EQ(status(path, changed.header("etag")), 304) << path;
      insert("2026-01-01T00:00:10Z");
      EXPECT_EQ(status(path, changed.header("etag")), 200) << path;
    }
  }
}

TEST_F(ApigwCaching, APageHasATagOfItsOwn) {
  seed(100);
  start();
  const std::string path = gpu_path + window + "&limit=50";
  const std::string first = tag_of(path);
  const Reply page = ask(path);
  const std::string second_path = next_link(page);
  const std::string second = tag_of(second_path);
  EXPECT_NE(first, second);
  insert("2026-01-01T00:30:00Z");  // at the end of the second page
  EXPECT_EQ(status(path, first), 304);
  EXPECT_EQ(status(second_path, second), 200);
  insert("2026-01-01T00:00:30Z");  // within the first page
  EXPECT_EQ(status(path, first), 200);
  // A page filled to the limit that was the last one and no longer is.
  const std::string exact = gpu_path + "start_time=2026-01-01T00:01:00Z&end_time=2026-01-01T00:01:09Z&limit=10";
  const std::string last = tag_of(exact);
  insert("2026-01-01T00:01:09Z");
  const Reply more = ask(exact, {{"If-None-Match", last}});
  EXPECT_EQ(more.status, 200);
  EXPECT_NE(next_link(more), "");
}

TEST_F(ApigwCaching, AnOpenWindowIsNotStored) {
  seed(10);
  start();
  for (const std::string& path :
       {gpu_path, gpu_path + "start_time=2026-01-01T00:00:00Z", gpu_path + "end_time=2099-01-01T00:00:00Z",
        gpu_path + "window=1h", gpu_path + "limit=5", gpu_path + "step=1s", std::string("/api/v1/telemetry")}) {
    const Reply response = ask(path, {{"If-None-Match", "*"}});
    EXPECT_EQ(response.status, 200) << path;
    EXPECT_EQ(response.header("cache-control"), "no-store") << path;
    EXPECT_EQ(response.headers.count("etag"), 0u) << path;
  }
  for (const char* path :
       {"/api/v1/gpus", "/api/v1/gpus/GPU-1", "/api/v1/gpus/GPU-1/metrics", "/api/v1/metrics/latest"}) {
    EXPECT_EQ(ask(path).header("cache-control"), "no-store") << path;
  }
}

TEST_F(ApigwCaching, FormatsAndQueriesHaveTagsOfTheirOwn) {
  seed(3000);
  start();
  std::vector<std::string> tags;
  for (const char* more : {"", "&format=csv", "&format=ndjson", "&order=desc", "&metric_name=m", "&limit=5", "&step=1s",
                           "&step=1s&agg=max"}) {
    tags.push_back(tag_of(gpu_path + window + more));
  }
  std::sort(tags.begin(), tags.end());
  EXPECT_EQ(std::adjacent_find(tags.begin(), tags.end()), tags.end());
  // The same resource has two representations, chosen by Accept.
  const Reply csv = ask(gpu_path + window, {{"Accept", "text/csv"}});
  EXPECT_NE(csv.header("vary").find("Accept"), std::string::npos);
  EXPECT_EQ(status(gpu_path + window, csv.header("etag")), 200);
}

TEST_F(ApigwCaching, ARowThatComesInDuringTheAnswerIsNotHiddenByItsTag) {
  seed(3500);
  start();
  const std::string path = gpu_path + "end_time=2026-01-01T00:59:59Z";
  int unchanged = 0;
  for (int round = 0; round < 60; ++round) {
    auto late = std::async(std::launch::async, [this] { insert("2026-01-01T00:00:05Z"); });
    const Reply response = ask(path);
    late.get();
    const Reply again = ask(path, {{"If-None-Match", response.header("etag")}});
    if (again.status != 304) continue;
    ++unchanged;
    ASSERT_EQ(members(response.body, "uuid").size(), 3501u + static_cast<unsigned>(round)) << "round " << round;
  }
  std::cout << unchanged << " of 60 rows came in before the tag was taken\n";
}

TEST_F(ApigwCaching, AboveAMillionRowsThereIsNoTag) {
  sql("DROP INDEX telemetry_timestamp_id_idx, telemetry_hostname_timestamp_id_idx; ALTER TABLE telemetry SET UNLOGGED");
  const auto insert_many = [this](int first, int last) {
    sql("INSERT INTO telemetry (uuid, gpu_id, metric_name, \"timestamp\") SELECT lpad(to_hex(g), 32, '0')::uuid, "
        "'GPU-1', "
        "'m', timestamptz '2026-01-01T00:00:10Z' + g * interval '1 millisecond' FROM generate_series(" +
        std::to_string(first) + ", " + std::to_string(last) + ") g");
  };
  insert_many(1, 1000000);
  start();
  const auto head = [this] {
    RawSocket client(daemon->port());  // the body would be 300 MB
    client.set_receive_buffer(4096);
    client.send("GET " + gpu_path + window + " HTTP/1.1\r\nHost: x\r\n\r\n");
    std::string text = client.read_until("\r\n\r\n", std::chrono::seconds(60));
    return text.substr(0, text.find("\r\n\r\n"));
  };
  const std::string tagged = head();
  EXPECT_NE(tagged.find(" 200 "), std::string::npos) << tagged;
  EXPECT_NE(tagged.find("ETag: W/"), std::string::npos) << tagged;
  insert_many(1000001, 1000001);
  const std::string untagged = head();
  EXPECT_NE(untagged.find(" 200 "), std::string::npos) << untagged;
  EXPECT_EQ(untagged.find("ETag"), std::string::npos) << untagged;
  EXPECT_NE(untagged.find("Cache-Control: no-store"), std::string::npos) << untagged;
}

}  // namespace
}  // namespace prompted::test
