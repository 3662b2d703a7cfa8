// The plan of every apigw statement has no sequential scan of telemetry and uses the intended index. With statistics,
// without any, and on an empty table; each plan is printed.
#include <fstream>
#include <limits>
#include <set>

#include "service/apigw_statements.hpp"

namespace prompted::test {
namespace {

const std::string by_gpu = "telemetry_gpu_id_timestamp_idx";
const std::string by_metric = "telemetry_gpu_id_metric_name_timestamp_id_idx";
const std::string by_time = "telemetry_timestamp_id_idx";
const std::string by_host = "telemetry_hostname_timestamp_id_idx";
const std::string by_pod = "telemetry_pod_timestamp_id_idx";
const std::string by_namespace = "telemetry_namespace_timestamp_id_idx";

const std::string options = "COSTS OFF";

enum class Table { analyzed, unanalyzed, empty };

class ApigwPlans : public ApigwStatements, public testing::WithParamInterface<Table> {
 protected:
  void SetUp() override {
    run("ALTER TABLE telemetry SET (autovacuum_enabled = off)");
    if (GetParam() != Table::empty) seed_fleet(50000, 20);
    if (GetParam() == Table::analyzed) run("ANALYZE telemetry");
    connect();
  }

  /// Index names that the plan scans.
  static std::set<std::string> indexes_of(const std::string& plan) {
    std::set<std::string> found;
    for (auto at = plan.find("_idx on telemetry"); at != std::string::npos;
         at = plan.find("_idx on telemetry", at + 1)) {
      const auto begin = plan.rfind(' ', at) + 1;
      found.insert(plan.substr(begin, at + 4 - begin));
    }
    return found;
  }
  void judge(const std::string& name, const std::string& plan, const std::set<std::string>& meant) {
    std::cout << name << ":\n" << plan;
    EXPECT_EQ(plan.find("Seq Scan on telemetry"), std::string::npos) << name << ":\n" << plan;
    // On an empty table any index will do.
    if (GetParam() != Table::empty) {
      EXPECT_EQ(indexes_of(plan), meant) << name << ":\n" << plan;
    }
  }

  struct Case {
    std::string what;
    Selection selection;
    std::string index;
  };
  static Case of_gpu(std::vector<std::string> metrics = {}) {
    Case made{"one GPU", {}, metrics.empty() ? by_gpu : by_metric};
    made.selection.gpu_id = "GPU-007";
    made.selection.metric_names = std::move(metrics);
    bound(made.selection);
    return made;
  }
  static Case of_fleet(const std::string& index, std::vector<std::string> metrics = {}) {
    Case made{"fleet", {}, index};
    made.selection.metric_names = std::move(metrics);
    if (index == by_host) made.selection.hostname = "host-1";
    if (index == by_pod) made.selection.pod = "pod-1";
    if (index == by_namespace) made.selection.name_space = "ns-1";
    made.what += " by " + index;
    bound(made.selection);
    return made;
  }
  /// Half of the seed's time, the range most likely to mislead the planner.
  static void bound(Selection& selection) {
    selection.start = base::parse_rfc3339("2026-01-01T00:30:00Z");
    selection.end = base::parse_rfc3339("2026-01-01T02:00:00Z");
  }
};

TEST_P(ApigwPlans, RowsAndTags) {
  const std::int64_t first = std::numeric_limits<std::int64_t>::min();
  const std::int64_t last = std::numeric_limits<std::int64_t>::max();
  const auto check = [&](const Case& each, const pg::Statement& up, const pg::Statement& down,
                         const pg::Statement& tag) {
    const std::string what = std::string(" (") + each.what + ")";
    RowFilter filter(each.selection);
    // A page of rows, without and with a cursor, small and large.
    for (const long limit : {11L, 10001L}) {
      const std::string with = what + " limit " + std::to_string(limit);
      judge(up.name + with, explain(options, filter, up, first, limit, 1048576L), {each.index});
      judge(down.name + with, explain(options, filter, down, last, limit, 1048576L), {each.index});
      judge(up.name + with + " behind a cursor", explain(options, filter, up, 25000L, limit, 1048576L), {each.index});
    }
    judge(tag.name + what, explain(options, filter, tag, 1000001L), {each.index});
  };
  check(of_gpu(), sql::gpu_rows_up, sql::gpu_rows_down, sql::gpu_tag);
  check(of_gpu({"metric_0", "metric_2"}), sql::metric_rows_up, sql::metric_rows_down, sql::metric_tag);
  for (const std::string& index : {by_time, by_host, by_pod, by_namespace}) {
    check(of_fleet(index), sql::fleet_rows_up, sql::fleet_rows_down, sql::fleet_tag);
    check(of_fleet(index, {"metric_1"}), sql::fleet_rows_up, sql::fleet_rows_down, sql::fleet_tag);
  }
}

TEST_P(ApigwPlans, Buckets) {
  const auto check = [&](const Case& each, const pg::Statement& buckets, const pg::Statement& up,
                         const pg::Statement& down, const std::set<std::string>& more = {}) {
    const std::string what = std::string(" (") + each.what + ")";
    std::set<std::string> meant = more;
    meant.insert(each.index);
    RowFilter filter(each.selection);
    for (const char* function : {"avg", "last", "count"}) {
      judge(std::string(buckets.name) + what + ' ' + function,
            explain(options, filter, buckets, "30000 milliseconds", function), meant);
    }
    judge(up.name + what, explain(options, filter, up), meant);
    judge(down.name + what, explain(options, filter, down), meant);
  };
  check(of_gpu(), sql::gpu_buckets, sql::gpu_next_up, sql::gpu_next_down);
  check(of_gpu({"metric_0", "metric_2"}), sql::metric_buckets, sql::metric_next_up, sql::metric_next_down);
  check(of_fleet(by_metric, {"metric_1"}), sql::fleet_metric_buckets, sql::fleet_metric_next_up,
        sql::fleet_metric_next_down);
  for (const std::string& index : {by_time, by_host, by_pod, by_namespace}) {
    check(of_fleet(index), sql::fleet_buckets, sql::fleet_next_up, sql::fleet_next_down);
  }
  check(of_fleet(by_host, {"metric_1"}), sql::fleet_buckets, sql::fleet_next_up, sql::fleet_next_down);
}

TEST_P(ApigwPlans, Gpus) {
  const char* const any = nullptr;
  pg::Array all(pg::ElementType::text);
  pg::Array some = apigw::text_array({"metric_1"});
  judge("gpu_ids", explain(options, sql::gpu_ids, "", 5000L), {by_metric});
  judge("gpu_details", explain(options, sql::gpu_details, "", 500L, any, any, any, any), {by_metric, by_gpu});
  judge("gpu_details (filters)", explain(options, sql::gpu_details, "", 500L, "host-1", "model 1", "ns-1", "pod-1"),
        {by_metric, by_gpu});
  judge("one_gpu", explain(options, sql::one_gpu, "GPU-007"), {by_gpu});
  judge("gpu_metrics", explain(options, sql::gpu_metrics, "GPU-007"), {by_metric});
  judge("latest_metrics", explain(options, sql::latest_metrics, "", 100L, any, any, any, any, pg::binary(all)),
        {by_metric});
  judge("latest_metrics (metric, host)",
        explain(options, sql::latest_metrics, "", 100L, "host-1", any, any, any, pg::binary(some)), {by_metric});
  judge("known_metrics", explain(options, sql::known_metrics, "", 1000000L, pg::binary(some)), {by_metric});
}

TEST(ApigwPlansAre, OfEveryStatement) {
  const auto text_of = [](const std::string& path) {
    std::ifstream file(source_path(path));
    return std::string(std::istreambuf_iterator<char>(file), {});
  };
  const std::string statements = text_of("apps/apigw/sql.hpp");
  const std::string judged = text_of("tests/service/apigw_plans_test.cpp");
  const std::string begin = "inline constexpr pg::Statement ";
  int count = 0;
  for (auto at = statements.find(begin); at != std::string::npos; at = statements.find(begin, at), ++count) {
    at += begin.size();
    const std::string name = statements.substr(at, statements.find('{', at) - at);
    EXPECT_NE(judged.find("sql::" + name), std::string::npos) << name << " has no test of its plan";
  }
  EXPECT_GT(count, 20);
}

INSTANTIATE_TEST_SUITE_P(Telemetry, ApigwPlans, testing::Values(Table::analyzed, Table::unanalyzed, Table::empty),
                         [](const auto& info) -> std::string {
                           if (info.param == Table::analyzed) return "Analyzed";
                           return info.param == Table::unanalyzed ? "Unanalyzed" : "Empty";
                         });

}  // namespace
}  // namespace prompted::test
