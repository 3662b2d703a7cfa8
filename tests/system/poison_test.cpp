// One poison row among ten thousand good ones becomes a dead letter with a reason, and is delivered once it is
// repaired.
#include <gtest/gtest.h>

#include "system/pipeline.hpp"

namespace prompted::test {
namespace {

using nlohmann::json;

constexpr int good_rows = 10000;

/// 101 publishes of 100 rows; the poison row is in the middle.
void publish(const Daemon& writer) {
  for (int batch = 0; batch <= good_rows / 100; ++batch) {
    json messages = json::array();
    const int rows = batch < good_rows / 100 ? 100 : 1;
    for (int i = 0; i < rows; ++i)
      messages.push_back({{"gpu_id", "GPU-" + std::to_string(i % 40)},
                          {"metric_name", "m"},
                          {"timestamp", "2026-01-01T00:00:00Z"},
                          {"value", batch * 100 + i}});
    if (batch == 50) messages[37]["value"] = "not a number";
    const json body{{"topic", "telemetry"}, {"messages", messages}};
    ASSERT_EQ(post(writer.url() + "/v1/publish", body.dump()).status, 200);
  }
}

TEST(Poison, OneInTenThousandIsSetAsideAndDeliveredOnceItIsMended) {
  Pipeline pipeline(PostgresCluster::shared().migrated_database());
  publish(pipeline.writer());
  ASSERT_TRUE(pipeline.drained(good_rows));
  EXPECT_EQ(pipeline.count("SELECT count(*) FROM telemetry"), good_rows);
  EXPECT_EQ(pipeline.count("SELECT count(DISTINCT value) FROM telemetry"), good_rows);

  const std::string dead_letters = pipeline.reader().url() + "/v1/dead-letters";
  const json listed = get(dead_letters).json();
  ASSERT_EQ(listed.at("dead_letters").size(), 1u);
  const json letter = listed["dead_letters"][0];
  EXPECT_EQ(letter["attempts"], 1);
  EXPECT_EQ(letter["payload"]["value"], "not a number");
  EXPECT_TRUE(letter["reason"].get<std::string>().starts_with("value")) << letter;  // it names the field

  // Redriven without a repair, it becomes a dead letter again, once.
  const std::string all = R"({"all":true})";
  EXPECT_EQ(post(dead_letters + "/redrive", all).json(), json({{"redriven", 1}}));
  ASSERT_TRUE(eventually([&] { return pipeline.count("SELECT count(*) FROM dead_letters") == 1; }));
  EXPECT_EQ(pipeline.count("SELECT count(*) FROM telemetry"), good_rows);

  pqxx::connection connection(pipeline.url());
  pqxx::nontransaction(connection).exec("UPDATE dead_letters SET payload = jsonb_set(payload, '{value}', '5037')");
  const json named{{"msg_uuids", {letter["msg_uuid"]}}};
  EXPECT_EQ(post(dead_letters + "/redrive", named.dump()).json(), json({{"redriven", 1}}));
  ASSERT_TRUE(pipeline.drained(good_rows + 1));
  EXPECT_EQ(pipeline.count("SELECT count(*) FROM telemetry"), good_rows + 1);
  EXPECT_EQ(pipeline.count("SELECT count(*) FROM telemetry WHERE value = 5037"), 1);
  EXPECT_EQ(pipeline.count("SELECT count(*) FROM dead_letters"), 0);
  EXPECT_EQ(get(dead_letters).json()["dead_letters"].size(), 0u);
}

}  // namespace
}  // namespace prompted::test
