// From a CSV file to the REST API through all five daemons.
#include <gtest/gtest.h>
#include <unistd.h>

#include <set>
#include <thread>

#include "system/pipeline.hpp"

namespace prompted::test {
namespace {

using nlohmann::json;

std::vector<std::string> gpu_ids(const std::string& apigw) {
  std::vector<std::string> ids;
  const json response = get(apigw + "/api/v1/gpus").json();
  for (const auto& gpu : response.at("gpus")) ids.push_back(gpu.at("id"));
  return ids;
}

/// Lines of a file without quoting, split at commas, by the header's names.
std::vector<std::map<std::string, std::string>> plain_csv(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  const auto split = [](const std::string& text) {
    std::vector<std::string> fields;
    std::string field;
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '"' && quoted && i + 1 < text.size() && text[i + 1] == '"') field += text[i++];
      else if (text[i] == '"') quoted = !quoted;
      else if (text[i] == ',' && !quoted) fields.push_back(std::exchange(field, {}));
      else field += text[i];
    }
    fields.push_back(field);
    return fields;
  };
  std::getline(file, line);
  const auto names = split(line);
  std::vector<std::map<std::string, std::string>> rows;
  while (std::getline(file, line)) {
    const auto fields = split(line);
    std::map<std::string, std::string> row;
    for (std::size_t i = 0; i < names.size(); ++i) row[names[i]] = fields.at(i);
    rows.push_back(std::move(row));
  }
  return rows;
}

TEST(PipelineTest, EveryRowOfTheSampleArrivesExactlyOnce) {
  Pipeline pipeline(PostgresCluster::shared().migrated_database());
  const auto rows = plain_csv(source_path("samples/telemetry.csv")).size();
  pipeline.stream(source_path("samples/telemetry.csv"), 20, "7");
  const auto expected = static_cast<long long>(rows * 20);
  ASSERT_TRUE(pipeline.drained(expected));
  EXPECT_EQ(pipeline.count("SELECT count(*) FROM telemetry"), expected);
  EXPECT_EQ(pipeline.count("SELECT count(DISTINCT uuid) FROM telemetry"), expected);
  EXPECT_EQ(pipeline.count("SELECT count(*) FROM dead_letters"), 0);
  EXPECT_EQ(gpu_ids(pipeline.apigw().url()),
            (std::vector<std::string>{"GPU-0a1b2c3d", "GPU-5e6f7a8b", "GPU-c9d0e1f2"}));
  const auto entries = get(pipeline.apigw().url() + "/api/v1/gpus/GPU-0a1b2c3d/telemetry").json().at("entries");
  EXPECT_EQ(static_cast<long long>(entries.size()),
            pipeline.count("SELECT count(*) FROM telemetry WHERE gpu_id = 'GPU-0a1b2c3d'"));
}

TEST(PipelineTest, ARealDcgmDumpWorksUnchanged) {
  Pipeline pipeline(PostgresCluster::shared().migrated_database());
  const std::string csv = source_path("tests/system/dcgm-slice.csv");
  const auto rows = plain_csv(csv);
  std::set<std::string> uuids;
  for (const auto& row : rows) uuids.insert(row.at("uuid"));
  ASSERT_EQ(uuids.size(), 24u);
  pipeline.stream(csv, 1, "1");
  ASSERT_TRUE(pipeline.drained(static_cast<long long>(rows.size())));
  const auto ids = gpu_ids(pipeline.apigw().url());
  EXPECT_EQ(std::set<std::string>(ids.begin(), ids.end()), uuids);
  std::map<std::pair<std::string, std::string>, json> got;
  for (const auto& id : ids) {
    const json response = get(pipeline.apigw().url() + "/api/v1/gpus/" + id + "/telemetry").json();
    for (const auto& entry : response.at("entries")) got[{id, entry.at("metric_name")}] = entry;
  }
  ASSERT_EQ(got.size(), rows.size());
  for (const auto& row : rows) {
    const json& entry = got.at({row.at("uuid"), row.at("metric_name")});
    EXPECT_DOUBLE_EQ(entry.at("value").get<double>(), std::stod(row.at("value")));
    EXPECT_EQ(entry.at("hostname"), row.at("Hostname"));
    EXPECT_EQ(entry.at("model_name"), row.at("modelName"));
    EXPECT_EQ(entry.at("device"), row.at("device"));
    EXPECT_EQ(entry.at("labels_raw"), row.at("labels_raw"));
    EXPECT_TRUE(entry.at("pod").is_null());
  }
}

TEST(PipelineTest, TwentyFourGpusUseMoreThanEightPartitions) {
  // Without a reader the rows stay in the queue, where their partitions can be counted.
  const std::string url = PostgresCluster::shared().migrated_database();
  Daemon writer("mqwriter", {{"DATABASE_URL", url}});
  writer.wait_ready();
  json messages = json::array();
  for (const auto& row : plain_csv(source_path("tests/system/dcgm-slice.csv"))) messages.push_back(row);
  const json body{{"topic", "telemetry"}, {"messages", messages}};
  ASSERT_EQ(post(writer.url() + "/v1/publish", body.dump()).status, 200);
  pqxx::connection connection(url);
  pqxx::nontransaction work(connection);
  EXPECT_GT(work.exec("SELECT count(DISTINCT partition_key) FROM queue_messages")[0][0].as<int>(), 8);
}

TEST(PipelineTest, PostgresStoppedAndStartedAgainLosesNothing) {
  PostgresCluster::Options options;
  options.fsync = true;
  PostgresCluster cluster(options);
  Pipeline pipeline(cluster.migrated_database());
  pipeline.stream(source_path("samples/telemetry.csv"), 0, "3");
  ASSERT_TRUE(
      eventually([&] { return pipeline.count("SELECT count(*) FROM telemetry") > 500; }, std::chrono::seconds(60)));
  cluster.stop_immediate();
  ASSERT_TRUE(eventually([&] { return get(pipeline.apigw().url() + "/readyz").status == 503; }));
  ASSERT_TRUE(eventually([&] { return get(pipeline.writer().url() + "/readyz").status == 503; }));
  EXPECT_EQ(get(pipeline.apigw().url() + "/api/v1/gpus").status, 503);
  cluster.start();
  for (Daemon* daemon : {&pipeline.writer(), &pipeline.reader(), &pipeline.collector(), &pipeline.apigw()})
    daemon->wait_ready();
  const auto before = pipeline.count("SELECT count(*) FROM telemetry");
  ASSERT_TRUE(eventually([&] { return pipeline.count("SELECT count(*) FROM telemetry") > before + 500; },
                         std::chrono::seconds(60)));
  EXPECT_EQ(pipeline.streamer().stop(), 0);
  ASSERT_TRUE(
      eventually([&] { return pipeline.count("SELECT count(*) FROM queue_messages") == 0; }, std::chrono::seconds(60)));
  // Each pass stamps every row of the file anew: with none lost, metrics differ by one row (the pass that was cut
  // short) at most.
  EXPECT_LE(
      pipeline.count("SELECT max(n) - min(n) FROM (SELECT count(*) n FROM telemetry GROUP BY gpu_id, metric_name) c"),
      1);
  EXPECT_EQ(pipeline.count("SELECT count(*) FROM dead_letters"), 0);
}

TEST(PipelineTest, AClientOfTheEarlierSystemWorksUnchanged) {
  Pipeline pipeline(PostgresCluster::shared().migrated_database());
  const auto run = run_program({"python3", source_path("tests/system/earlier_client.py"), "--writer",
                                pipeline.writer().url(), "--reader", pipeline.reader().url()});
  EXPECT_EQ(run.exit_code, 0) << run.output;
}

TEST(PipelineTest, APoisonMessageIsDeadLetteredAloneWithItsReason) {
  Pipeline pipeline(PostgresCluster::shared().migrated_database());
  json messages = json::array();
  for (int i = 0; i < 1000; ++i)
    messages.push_back({{"gpu_id", "GPU-" + std::to_string(i % 5)},
                        {"metric_name", "m"},
                        {"timestamp", "2026-01-01T00:00:00Z"},
                        {"value", i}});
  messages[500]["value"] = "not a number";
  const json body{{"topic", "telemetry"}, {"messages", messages}};
  ASSERT_EQ(post(pipeline.writer().url() + "/v1/publish", body.dump()).status, 200);
  ASSERT_TRUE(pipeline.drained(999));
  EXPECT_EQ(pipeline.count("SELECT count(*) FROM telemetry"), 999);
  ASSERT_EQ(pipeline.count("SELECT count(*) FROM dead_letters"), 1);
  EXPECT_EQ(pipeline.count("SELECT count(*) FROM dead_letters WHERE reason LIKE '%value%'"), 1);
}

}  // namespace
}  // namespace prompted::test
