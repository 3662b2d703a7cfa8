// Paging during inserts, many with old timestamps: no row appears twice, and every row committed before the first page
// appears.
#include <algorithm>
#include <thread>

#include "service/apigw_fixture.hpp"

namespace prompted::test {
namespace {

class ApigwPagingUnderWrites : public Apigw {
 protected:
  static constexpr int span_seconds = 20000;

  /// Five rows an instant.
  void seed(int rows) const {
    sql("INSERT INTO telemetry (uuid, gpu_id, metric_name, \"timestamp\", hostname, value) SELECT gen_random_uuid(), "
        "'GPU-1', 'm', timestamptz '2026-01-01T00:00:00Z' + (g % " +
        std::to_string(span_seconds) + ") * interval '1 second', 'h', g FROM generate_series(1, " +
        std::to_string(rows) + ") g");
  }

  /// Inserts until stopped, at most 100,000 rows: at existing instants, between them, before the first and after the
  /// last. A fifth of them are in a transaction that stays open while others commit.
  static void write(const std::stop_token& stop, const std::string& url) {
    pqxx::connection one(url);
    pqxx::connection two(url);
    const std::string rows =
        "INSERT INTO telemetry (uuid, gpu_id, metric_name, \"timestamp\", hostname, value) SELECT gen_random_uuid(), "
        "'GPU-1', 'm', timestamptz '2025-12-31T23:00:00Z' + floor(random() * 27200) * interval '1 second' + "
        "(g % 2) * interval '0.5 second', 'h', -1 FROM generate_series(1, 5) g";
    for (int round = 0; round < 4000 && !stop.stop_requested(); ++round) {
      pqxx::work slow(two);
      slow.exec(rows);
      for (int i = 0; i < 4; ++i) pqxx::nontransaction(one).exec(rows);
      slow.commit();
    }
  }

  std::vector<std::string> uuids(const std::string& where = "true") const {
    std::vector<std::string> found;
    for (const auto& row : sql("SELECT uuid FROM telemetry WHERE " + where)) found.emplace_back(row[0].c_str());
    std::sort(found.begin(), found.end());
    return found;
  }

  void walk_while_writing(const std::string& path, bool up, std::size_t limit) {
    const std::vector<std::string> before = uuids();
    std::vector<std::string> seen;
    std::string last;
    {
      const std::jthread writer([this](const std::stop_token& stop) { write(stop, url); });
      ASSERT_TRUE(eventually([this] { return sql("SELECT FROM telemetry WHERE value = -1 LIMIT 1").size() == 1; }));
      std::string next = path + "&limit=" + std::to_string(limit) + (up ? "" : "&order=desc");
      while (!next.empty()) {
        const Reply response = ask(next);
        ASSERT_EQ(response.status, 200) << response.body;
        const std::vector<std::string> page = members(response.body, "uuid");
        seen.insert(seen.end(), page.begin(), page.end());
        for (const std::string& at : members(response.body, "timestamp")) {
          ASSERT_TRUE(last.empty() || (up ? last <= at : at <= last)) << last << " then " << at;
          last = at;
        }
        next = next_link(response);
        ASSERT_TRUE(next.empty() || page.size() == limit) << page.size();
      }
    }
    std::sort(seen.begin(), seen.end());
    EXPECT_EQ(std::adjacent_find(seen.begin(), seen.end()), seen.end()) << "a row came twice";
    EXPECT_TRUE(std::includes(seen.begin(), seen.end(), before.begin(), before.end())) << "a row was missed";
    // The test is meaningful only if rows were inserted on both sides of the cursor.
    const std::vector<std::string> after = uuids();
    std::cout << path << (up ? "" : " desc") << ": " << before.size() << " rows before, "
              << after.size() - before.size() << " came in, " << seen.size() - before.size() << " of them were met\n";
    EXPECT_GT(seen.size(), before.size()) << "no new row was met";
    EXPECT_LT(seen.size(), after.size()) << "no new row was passed by";
    EXPECT_TRUE(std::includes(after.begin(), after.end(), seen.begin(), seen.end()));
  }
};

TEST_F(ApigwPagingUnderWrites, AHundredThousandRowsOldestFirst) {
  seed(100000);
  start();
  walk_while_writing("/api/v1/gpus/GPU-1/telemetry?", true, 1000);
}

TEST_F(ApigwPagingUnderWrites, AHundredThousandRowsNewestFirst) {
  seed(100000);
  start();
  walk_while_writing("/api/v1/gpus/GPU-1/telemetry?", false, 1000);
}

TEST_F(ApigwPagingUnderWrites, OneMetric) {
  seed(20000);
  start();
  walk_while_writing("/api/v1/gpus/GPU-1/telemetry?metric_name=m", true, 500);
}

TEST_F(ApigwPagingUnderWrites, TheFleet) {
  seed(20000);
  start();
  walk_while_writing("/api/v1/telemetry?", true, 500);
  walk_while_writing("/api/v1/telemetry?hostname=h", false, 1000);
}

}  // namespace
}  // namespace prompted::test
