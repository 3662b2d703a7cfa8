// step and agg: each function over each way of choosing rows, compared with SQL that avoids date_bin.
#include "service/apigw_fixture.hpp"

namespace prompted::test {
namespace {

class ApigwBuckets : public Apigw {
 protected:
  /// 4,000 rows of 3 GPUs, 3 metrics and 2 hosts, half of them around 1970-01-01T00:00:00Z; every tenth value is NULL
  /// and every 97th NaN. Whole numbers, so that a sum does not depend on its order.
  void seed() const {
    sql("INSERT INTO telemetry (uuid, gpu_id, metric_name, \"timestamp\", hostname, pod, value) SELECT "
        "md5(g::text)::uuid, 'GPU-00' || g % 3, 'metric_' || g / 3 % 3, "
        "CASE g % 2 WHEN 0 THEN timestamptz '2026-01-01T00:00:00Z' ELSE timestamptz '1969-12-31T23:30:00Z' END + "
        "(g * 7919::bigint % 3600000) * interval '0.001 second', 'host-' || g / 2 % 2, 'pod-' || g % 7, "
        "CASE WHEN g % 10 = 0 THEN NULL WHEN g % 97 = 0 THEN 'NaN'::float8 ELSE (g * 31 % 1009) - 500 END "
        "FROM generate_series(1, 4000) g");
  }

  /// The expected buckets of `step_seconds`: the floor of the epoch seconds, computed in numeric.
  json buckets(const std::string& where, const std::string& step_seconds, const std::string& function, bool up) const {
    const std::string values = function == "last"  ? "(array_agg(value ORDER BY \"timestamp\" DESC, id DESC))[1]"
                               : function == "avg" ? "sum(value) / nullif(count(value), 0)"
                                                   : function + "(value)";
    const std::string direction = up ? "" : " DESC";
    return sql_json(
        "SELECT coalesce(jsonb_agg(jsonb_build_object('gpu_id', gpu_id, 'metric_name', metric_name, 'timestamp', "
        "to_char(to_timestamp(bucket * " +
        step_seconds +
        ") AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'), "
        "'value', nullif(v, 'NaN')) ORDER BY bucket" +
        direction + ", gpu_id COLLATE \"C\"" + direction + ", metric_name COLLATE \"C\"" + direction +
        "), '[]') FROM (SELECT floor(extract(epoch FROM \"timestamp\") / " + step_seconds +
        ") AS bucket, gpu_id, metric_name, (" + values + ")::float8 AS v FROM telemetry WHERE " + where +
        " GROUP BY 1, 2, 3) b");
  }
};

const struct {
  const char* path;
  const char* where;
} shapes[] = {
    {"/api/v1/gpus/GPU-001/telemetry?", "gpu_id = 'GPU-001'"},
    {"/api/v1/gpus/GPU-001/telemetry?metric_name=metric_2&metric_name=metric_0&",
     "gpu_id = 'GPU-001' AND metric_name <> 'metric_1'"},
    {"/api/v1/telemetry?", "true"},
    {"/api/v1/telemetry?metric_name=metric_1&", "metric_name = 'metric_1'"},
    {"/api/v1/telemetry?metric_name=metric_1&metric_name=metric_0&metric_name=none&", "metric_name <> 'metric_2'"},
    {"/api/v1/telemetry?hostname=host-1&", "hostname = 'host-1'"},
    {"/api/v1/telemetry?hostname=host-0&metric_name=metric_2&", "hostname = 'host-0' AND metric_name = 'metric_2'"},
    {"/api/v1/telemetry?pod=pod-3&", "pod = 'pod-3'"},
};

TEST_F(ApigwBuckets, EveryFunctionOverEveryShape) {
  seed();
  start();
  for (const auto& [path, where] : shapes) {
    for (const char* function : {"avg", "min", "max", "last", "sum", "count"}) {
      for (const bool up : {true, false}) {
        if (!up && std::string(function) != "last") continue;  // the others have no order
        const std::string asked = path + std::string("step=1m&agg=") + function + (up ? "" : "&order=desc");
        const json expected = buckets(where, "60", function, up);
        ASSERT_GT(expected.size(), 50u);
        expect_entries(entries(asked), expected, asked);
      }
    }
  }
}

TEST_F(ApigwBuckets, PagesAddUpToTheWhole) {
  seed();
  start();
  for (const auto& [path, where] : shapes) {
    for (const bool up : {true, false}) {
      const std::string asked = path + std::string("step=5m&agg=sum") + (up ? "" : "&order=desc");
      const json expected = buckets(where, "300", "sum", up);
      expect_entries(entries(asked), expected, asked);
      expect_entries(walk(asked + "&limit=7", up), expected, asked + " by 7");
      expect_entries(walk(asked + "&limit=1000", true), expected, asked + " by 1000");
    }
  }
}

TEST_F(ApigwBuckets, StepsOfAnyLengthAreAlignedToTheEpoch) {
  seed();
  start();
  for (const auto& [step, seconds] : std::vector<std::pair<std::string, std::string>>{{"250ms", "0.25"},
                                                                                      {"7s", "7"},
                                                                                      {"90s", "90"},
                                                                                      {"1h", "3600"},
                                                                                      {"1d", "86400"},
                                                                                      {"1w", "604800"},
                                                                                      {"366d", "31622400"}}) {
    for (const auto& [path, where] : {shapes[0], shapes[3], shapes[5]}) {
      const std::string asked = path + ("step=" + step + "&agg=max");
      const json expected = buckets(where, seconds, "max", true);
      ASSERT_GE(expected.size(), 2u) << asked;  // one before 1970 at least, one after
      ASSERT_LT(expected.front()["timestamp"], "1970") << asked;
      expect_entries(entries(asked), expected, asked);
      const json down = entries(asked + "&order=desc");
      expect_entries(down, buckets(where, seconds, "max", false), asked + " desc");
    }
  }
}

TEST_F(ApigwBuckets, ABoundAmidABucketCutsWhatIsReduced) {
  seed();
  start();
  const std::string window = "start_time=1969-12-31T23:40:30Z&end_time=1970-01-01T00:10:29.999999Z&";
  for (const auto& [path, where] : shapes) {
    const std::string bounded =
        std::string(where) + " AND \"timestamp\" BETWEEN '1969-12-31T23:40:30Z' AND '1970-01-01T00:10:29.999999Z'";
    for (const bool up : {true, false}) {
      const std::string asked = path + window + "step=2m&agg=count" + (up ? "" : "&order=desc");
      const json expected = buckets(bounded, "120", "count", up);
      ASSERT_GT(expected.size(), 10u);
      ASSERT_EQ((up ? expected.front() : expected.back())["timestamp"], "1969-12-31T23:40:00.000000Z");
      expect_entries(entries(asked), expected, asked);
      expect_entries(walk(asked + "&limit=4", true), expected, asked + " by 4");
    }
  }
}

TEST_F(ApigwBuckets, TheAnswerSaysWhatWasReduced) {
  sql("INSERT INTO telemetry (uuid, gpu_id, metric_name, \"timestamp\", value) VALUES (gen_random_uuid(), 'GPU-1', "
      "'m', "
      "'2026-01-01T00:00:59.999999Z', 0.1), (gen_random_uuid(), 'GPU-1', 'm', '2026-01-01T00:00:30Z', 0.2)");
  start();
  EXPECT_EQ(ask("/api/v1/gpus/GPU-1/telemetry?step=1500ms").body,
            R"({"gpu_id":"GPU-1","step_seconds":1.5,"agg":"avg","entries":[)"
            R"({"gpu_id":"GPU-1","metric_name":"m","timestamp":"2026-01-01T00:00:30.000000Z","value":0.2},)"
            R"({"gpu_id":"GPU-1","metric_name":"m","timestamp":"2026-01-01T00:00:58.500000Z","value":0.1}]})");
  EXPECT_EQ(ask("/api/v1/telemetry?step=1m&agg=min&format=csv").body,
            "timestamp,metric_name,gpu_id,value\r\n2026-01-01T00:00:00.000000Z,m,GPU-1,0.1\r\n");
  EXPECT_EQ(ask("/api/v1/telemetry?step=1m&agg=count&format=ndjson").body,
            "{\"gpu_id\":\"GPU-1\",\"metric_name\":\"m\",\"timestamp\":\"2026-01-01T00:00:00.000000Z\",\"value\":2}\n");
}

TEST_F(ApigwBuckets, LargeValuesDoNotOverflow) {
  sql("INSERT INTO telemetry (uuid, gpu_id, metric_name, \"timestamp\", value) SELECT gen_random_uuid(), 'GPU-1', 'm', "
      "'2026-01-01T00:00:30Z', v FROM unnest(ARRAY[1.5e308, 1.5e308, 1e200, 0]::float8[]) v");
  sql("INSERT INTO telemetry (uuid, gpu_id, metric_name, \"timestamp\", value) SELECT gen_random_uuid(), 'GPU-2', 'm', "
      "'2026-01-01T00:00:30Z', v FROM unnest(ARRAY[2e200, 0]::float8[]) v");
  start();
  EXPECT_EQ(entries("/api/v1/gpus/GPU-2/telemetry?step=1m")[0]["value"], 1e200);
  EXPECT_EQ(entries("/api/v1/gpus/GPU-1/telemetry?step=1m&agg=max")[0]["value"], 1.5e308);
  const Reply sum = get(daemon->url() + "/api/v1/gpus/GPU-1/telemetry?step=1m&agg=sum");
  EXPECT_EQ(sum.status, 400);
  EXPECT_EQ(sum.json()["error"], "invalid agg: a bucket's sum is beyond double precision");
}

TEST_F(ApigwBuckets, EmptyStretchesOfYearsAreSkipped) {
  sql("INSERT INTO telemetry (uuid, gpu_id, metric_name, \"timestamp\", hostname, pod, value) SELECT "
      "gen_random_uuid(), "
      "'GPU-001', 'metric_' || g, at, 'host-1', 'pod-3', g FROM unnest(ARRAY['1000-06-01T00:00:00Z', "
      "'1969-12-31T23:59:59.999999Z', '1970-01-01T00:00:00Z', '2000-02-29T12:00:00.5Z', '2026-01-01T00:00:00Z', "
      "'9998-12-31T00:00:00Z']::timestamptz[]) at, generate_series(0, 2) g");
  start();
  for (const auto& [path, where] : shapes) {
    if (std::string(where).find("host-0") != std::string::npos) continue;
    for (const bool up : {true, false}) {
      const std::string asked = path + std::string("step=1ms&agg=sum") + (up ? "" : "&order=desc");
      expect_entries(entries(asked), buckets(where, "0.001", "sum", up), asked);
      expect_entries(walk(asked + "&limit=2", true), buckets(where, "0.001", "sum", up), asked + " by 2");
    }
  }
}

}  // namespace
}  // namespace prompted::test
