#pragma once
// Runs apigw against a real PostgreSQL and computes expected responses with independent SQL. Header-only, because only
// *_test.cpp is built in this directory.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "support/daemon.hpp"
#include "support/http.hpp"
#include "support/postgres_cluster.hpp"
#include "support/wait.hpp"

namespace prompted::test {

using nlohmann::json;

/// Builds an API entry from a row of telemetry, independently of apigw's code.
inline const std::string entry_sql =
    "jsonb_build_object('uuid', uuid, 'gpu_id', gpu_id, 'metric_name', metric_name, 'timestamp', "
    "to_char(\"timestamp\" AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'), 'device', device, 'model_name', "
    "model_name, 'hostname', hostname, 'container', container, 'pod', pod, 'namespace', namespace, 'value', "
    "nullif(value, 'NaN'), 'labels_raw', labels_raw, 'ingested_at', "
    "to_char(ingested_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'))";

/// Expects the same entries in the same order; prints only the first difference.
inline void expect_entries(const json& actual, const json& expected, const std::string& what) {
  const std::size_t both = std::min(actual.size(), expected.size());
  for (std::size_t i = 0; i < both; ++i) {
    ASSERT_EQ(actual[i], expected[i]) << what << ": entry " << i << " of " << actual.size();
  }
  ASSERT_EQ(actual.size(), expected.size()) << what;
}

/// Values of a text member of all entries, without parsing the whole JSON.
inline std::vector<std::string> members(const std::string& body, const std::string& name) {
  std::vector<std::string> found;
  const std::string begin = "\"" + name + "\":\"";
  for (auto at = body.find(begin); at != std::string::npos; at = body.find(begin, at)) {
    at += begin.size();
    found.push_back(body.substr(at, body.find('"', at) - at));
  }
  return found;
}

class Apigw : public testing::Test {
 protected:
  void start(Environment more = {}) {
    more["DATABASE_URL"] = url;
    daemon = std::make_unique<Daemon>("apigw", more);
    daemon->wait_ready();
  }

  pqxx::result sql(const std::string& text) const {
    pqxx::connection connection(url);
    return pqxx::nontransaction(connection).exec(text);
  }
  json sql_json(const std::string& query) const { return json::parse(sql(query)[0][0].c_str()); }
  /// Rows of telemetry as entries.
  json rows(const std::string& where, const std::string& order = "\"timestamp\", id") const {
    return sql_json("SELECT coalesce(jsonb_agg(" + entry_sql + " ORDER BY " + order + "), '[]') FROM telemetry WHERE " +
                    where);
  }

  /// Sends `path`, query included, as a client would.
  Reply ask(const std::string& path, const std::multimap<std::string, std::string>& headers = {}) const {
    Call call;
    call.headers = headers;
    call.timeout = std::chrono::seconds(120);
    return http(daemon->url() + path, call);
  }
  json response(const std::string& path) const {
    const Reply response = ask(path);
    EXPECT_EQ(response.status, 200) << path << ": " << response.body.substr(0, 500);
    return response.status == 200 ? response.json() : json{{"entries", json::array()}};
  }
  json entries(const std::string& path) const { return response(path)["entries"]; }

  /// The URL in `<…>; rel="next"`; "" when there is none.
  static std::string next_link(const Reply& response) {
    const std::string link = response.header("link");
    if (link.empty()) return link;
    const std::string end = ">; rel=\"next\"";
    EXPECT_TRUE(link.starts_with('<') && link.ends_with(end)) << link;
    return link.substr(1, link.size() - 1 - end.size());
  }
  /// All entries, following each page's Link unchanged or its next_cursor.
  json walk(const std::string& path, bool by_link) const {
    json all = json::array();
    std::string next = path;
    while (!next.empty()) {
      const Reply response = ask(next);
      EXPECT_EQ(response.status, 200) << next << ": " << response.body;
      if (response.status != 200) break;
      const json page = response.json();
      for (const json& entry : page["entries"]) all.push_back(entry);
      next = next_link(response);
      EXPECT_EQ(page["next_cursor"].is_null(), next.empty());
      if (!by_link && !next.empty()) next = path + "&cursor=" + page["next_cursor"].get<std::string>();
    }
    return all;
  }

  /// `rows` rows over `gpus` GPUs ("GPU-000"…), 3 metrics, 4 hosts, 5 pods and 2 namespaces (some of them absent),
  /// several rows per instant, unordered, from 2026-01-01T00:00:00Z on.
  void seed_fleet(int count, int gpus) const {
    sql("INSERT INTO telemetry (uuid, gpu_id, metric_name, \"timestamp\", device, model_name, hostname, pod, "
        "namespace, "
        "value) SELECT md5(g::text)::uuid, 'GPU-' || lpad((g % " +
        std::to_string(gpus) +
        ")::text, 3, '0'), 'metric_' || g * 7 % 11 % 3, "
        "timestamptz '2026-01-01T00:00:00Z' + (g * 7919::bigint % " +
        std::to_string(count) +
        " / 5) * interval '1 second', 'nvidia' || g % 8, 'model ' || g % 2, 'host-' || nullif(g % 5, 0), "
        "'pod-' || nullif(g / 3 % 6, 0), 'ns-' || nullif(g / 5 % 3, 0), g FROM generate_series(1, " +
        std::to_string(count) + ") g");
  }

  std::string url = PostgresCluster::shared().migrated_database();
  std::unique_ptr<Daemon> daemon;
};

}  // namespace prompted::test
