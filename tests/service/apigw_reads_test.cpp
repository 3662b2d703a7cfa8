// A small response reads only a few index pages, even if a GPU, host or metric appeared late or is long gone and its
// rows lie behind all others. The planner's estimates are wrong on purpose here; its choice must not matter.
#include <limits>

#include "service/apigw_statements.hpp"

namespace prompted::test {
namespace {

class ApigwReads : public ApigwStatements {
 protected:
  /// 30,000 rows of GPU-OLD, then as many of GPU-NEW: each alone in its half of the time.
  void seed_halves() const {
    run("ALTER TABLE telemetry SET (autovacuum_enabled = off); INSERT INTO telemetry (uuid, gpu_id, metric_name, "
        "\"timestamp\", hostname, pod, namespace, value) SELECT gen_random_uuid(), 'GPU-' || half, 'metric_' || g % 2, "
        "timestamptz '2026-01-01T00:00:00Z' + g * interval '1 second', 'host-' || half, 'pod-' || half, 'ns-' || half, "
        "g "
        "FROM generate_series(1, 60000) g, LATERAL (SELECT CASE WHEN g <= 30000 THEN 'OLD' ELSE 'NEW' END) h(half)");
  }
  /// Table and index pages that a run of the statement accessed.
  static long buffers(const std::string& plan) {
    const auto at = plan.find("Buffers: shared ");
    if (at == std::string::npos) return -1;
    const std::string line = plan.substr(at, plan.find('\n', at) - at);
    long sum = 0;
    for (const char* what : {"hit=", "read="}) {
      const auto value = line.find(what);
      if (value != std::string::npos) sum += std::stol(line.substr(value + std::string(what).size()));
    }
    return sum;
  }
  void expect_little(const std::string& what, const std::string& plan, long most = 60) const {
    const long read = buffers(plan);
    std::cout << what << ": " << read << " buffers\n";
    EXPECT_GT(read, 0) << plan;
    EXPECT_LE(read, most) << what << ":\n" << plan;
  }
  /// Requests ten rows from the end that has none.
  void page_of(const std::string& what, Selection selection, const pg::Statement& up, const pg::Statement& down,
               bool late) {
    const std::int64_t first = std::numeric_limits<std::int64_t>::min();
    const std::int64_t last = std::numeric_limits<std::int64_t>::max();
    RowFilter filter(selection);
    expect_little(what, explain(options, filter, late ? up : down, late ? first : last, 11L, 1048576L));
    // Nothing is read beyond the end of a window that ends amid the rows.
    selection.start = base::parse_rfc3339(late ? "2026-01-01T10:00:00Z" : "2026-01-01T05:00:00Z");
    selection.end = *selection.start + std::chrono::seconds(5);
    RowFilter closed(selection);
    expect_little(what + ", closed", explain(options, closed, up, first, 11L, 1048576L));
    expect_little(what + ", closed, desc", explain(options, closed, down, last, 11L, 1048576L));
  }

  const std::string options = "ANALYZE, BUFFERS, COSTS OFF, TIMING OFF, SUMMARY OFF";
};

TEST_F(ApigwReads, APageBeginsAtItsRows) {
  seed_halves();
  for (const bool analyzed : {false, true}) {
    if (analyzed) run("VACUUM ANALYZE telemetry");
    connect();
    for (const bool late : {true, false}) {
      const std::string half = late ? "NEW" : "OLD";
      const std::string what = half + (analyzed ? ", analyzed, " : ", ");
      Selection gpu;
      gpu.gpu_id = "GPU-" + half;
      page_of(what + "one GPU", gpu, sql::gpu_rows_up, sql::gpu_rows_down, late);
      gpu.metric_names = {"metric_1"};
      page_of(what + "one GPU's metric", gpu, sql::metric_rows_up, sql::metric_rows_down, late);
      Selection host;
      host.hostname = "host-" + half;
      page_of(what + "host", host, sql::fleet_rows_up, sql::fleet_rows_down, late);
      Selection pod;
      pod.pod = "pod-" + half;
      page_of(what + "pod", pod, sql::fleet_rows_up, sql::fleet_rows_down, late);
      Selection name_space;
      name_space.name_space = "ns-" + half;
      page_of(what + "namespace", name_space, sql::fleet_rows_up, sql::fleet_rows_down, late);
    }
  }
}

TEST_F(ApigwReads, TheNextBucketIsFoundAtOnce) {
  seed_halves();
  for (const bool analyzed : {false, true}) {
    if (analyzed) run("VACUUM ANALYZE telemetry");
    connect();
    for (const std::string half : {"NEW", "OLD"}) {
      const bool late = half == "NEW";
      Selection gpu;
      gpu.gpu_id = "GPU-" + half;
      RowFilter of_gpu(gpu);
      expect_little(half + " GPU", explain(options, of_gpu, late ? sql::gpu_next_up : sql::gpu_next_down));
      gpu.metric_names = {"metric_0", "metric_1"};
      RowFilter of_metric(gpu);
      expect_little(half + " metrics", explain(options, of_metric, late ? sql::metric_next_up : sql::metric_next_down));
      Selection fleet;
      fleet.metric_names = {"metric_0", "none"};
      RowFilter of_fleet(fleet);
      expect_little(half + " fleet's metric",
                    explain(options, of_fleet, late ? sql::fleet_metric_next_up : sql::fleet_metric_next_down));
      Selection host;
      host.hostname = "host-" + half;
      RowFilter of_host(host);
      expect_little(half + " host", explain(options, of_host, late ? sql::fleet_next_up : sql::fleet_next_down));
    }
  }
}

TEST_F(ApigwReads, GpusCostByTheirNumber) {
  seed_halves();
  const char* const any = nullptr;
  pg::Array all(pg::ElementType::text);
  for (const bool analyzed : {false, true}) {
    if (analyzed) run("VACUUM ANALYZE telemetry");
    connect();
    expect_little("ids", explain(options, sql::gpu_ids, "", 5000L));
    expect_little("details", explain(options, sql::gpu_details, "", 500L, any, any, any, any));
    for (const char* gpu : {"GPU-OLD", "GPU-NEW", "GPU-NONE"}) {
      expect_little(std::string("one ") + gpu, explain(options, sql::one_gpu, gpu));
      expect_little(std::string("metrics of ") + gpu, explain(options, sql::gpu_metrics, gpu));
    }
    expect_little("latest", explain(options, sql::latest_metrics, "", 100L, any, any, any, any, pg::binary(all)), 120);
    pg::Array names = apigw::text_array({"metric_1", "none"});
    expect_little("known metrics", explain(options, sql::known_metrics, "", 1000000L, pg::binary(names)));
  }
}

}  // namespace
}  // namespace prompted::test
