// Migrations of a running pipeline: up, down and up again while messages flow, with none lost or duplicated.
#include <gtest/gtest.h>

#include <atomic>
#include <future>

#include "base/uuid.hpp"
#include "support/migrations.hpp"
#include "system/pipeline.hpp"

namespace prompted::test {
namespace {

constexpr int messages_per_request = 50;

std::string body(int request) {
  std::string messages;
  for (int i = 0; i < messages_per_request; ++i) {
    messages +=
        (i == 0 ? "" : ",") + std::string(R"({"gpu_id":"GPU-)") + std::to_string(i % 8) +
        R"(","metric_name":"m","timestamp":"2026-01-01T00:00:00Z","hostname":"h","pod":"p","namespace":"n","value":)" +
        std::to_string(request) + "}";
  }
  return R"({"topic":"telemetry","messages":[)" + messages + "]}";
}

/// Publishes without a pause and retries each request with the same key until it is acknowledged.
class Publisher {
 public:
  explicit Publisher(std::string url) : url_(std::move(url)) {
    thread_ = std::async(std::launch::async, [this] {
      while (!stop_) publish(body(static_cast<int>(++requests_)));
    });
  }
  ~Publisher() { finish(); }
  long finish() {
    stop_ = true;
    thread_.wait();
    return acknowledged_;
  }
  long acknowledged() const { return acknowledged_; }

 private:
  void publish(const std::string& text) {
    const std::string key = base::to_string(base::random_uuid());
    while (post(url_ + "/v1/publish", text, {{"Idempotency-Key", key}}).status != 200) {
    }
    acknowledged_ += messages_per_request;
  }

  std::string url_;
  std::atomic<bool> stop_{false};
  std::atomic<long> requests_{0};
  std::atomic<long> acknowledged_{0};
  std::future<void> thread_;
};

TEST(MigrateLive, UpDownAndUpUnderLoadLosesNothing) {
  Migrations migrations;
  migrations.must(MigrateWith::psql, "up");
  Pipeline pipeline(migrations.url());
  Publisher publisher(pipeline.writer().url());
  const auto more = [&] {
    const long before = publisher.acknowledged();
    return eventually([&] { return publisher.acknowledged() > before + 1000; });
  };
  ASSERT_TRUE(more());
  for (const char* step : {"down 1", "up", "down 3", "up"}) {
    migrations.must(MigrateWith::psql, step);
    ASSERT_TRUE(more()) << step;
  }
  const long acknowledged = publisher.finish();
  ASSERT_TRUE(pipeline.drained(acknowledged));
  EXPECT_EQ(pipeline.count("SELECT count(*) FROM telemetry"), acknowledged);
  EXPECT_EQ(pipeline.count("SELECT count(DISTINCT uuid) FROM telemetry"), acknowledged);
  EXPECT_EQ(pipeline.count("SELECT count(*) FROM dead_letters"), 0);
  EXPECT_EQ(migrations.version(), "11|f");
  EXPECT_EQ(get(pipeline.apigw().url() + "/api/v1/gpus").json()["gpus"].size(), 8u);
}

}  // namespace
}  // namespace prompted::test
