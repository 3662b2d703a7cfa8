#include "service/health.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/spawn.hpp"

namespace prompted::service {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;
namespace asio = boost::asio;

class FakeApp final : public App {
 public:
  void add_routes(http::Router&) override {}
  void start(std::uint16_t) override {}
  std::vector<Check> checks() const override {
    return {{"postgres", postgres ? "" : "unreachable"}, {"mqreader", mqreader ? "" : "unreachable"}};
  }
  void collect(MetricsWriter& metrics) const override { metrics.gauge("own", "The app's", 7); }
  std::vector<MemoryPart> memory_parts() const override { return {}; }
  void stop_intake() override {}
  asio::awaitable<void> finish(base::TimePoint) override { co_return; }

  bool postgres = true;
  bool mqreader = true;
};

asio::awaitable<void> call(http::Handler handler, http::Request& request, http::Response& result) {
  http::Response response = co_await handler(request);
  result = std::move(response);
}

class HealthTest : public testing::Test {
 protected:
  HealthTest() { Health::add_routes(router, &health); }
  http::Response get(const std::string& path) {
    const auto match = router.match(http::Method::get, path);
    http::Request request;
    http::Response response;
    asio::io_context owner(1);
    base::spawn(owner, "call", call(match.route->handler, request, response));
    owner.run();
    return response;
  }
  void observe(const std::string& route, http::Method method, int status, base::Duration took = 1ms) {
    const http::Outcome outcome{route, method, status, took};
    health.observe(outcome);
  }

  FakeApp app;
  Health health{"mqwriter", app};
  http::Router router;
};

TEST_F(HealthTest, HealthzIsTheProcess) {
  app.postgres = false;
  health.set_draining();
  const auto response = get("/healthz");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.content_type, "application/json");
  EXPECT_EQ(response.body, R"({"status":"ok","service":"mqwriter"})");
}

TEST_F(HealthTest, ReadyzIsAllChecks) {
  auto response = get("/readyz");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, R"({"status":"ready","service":"mqwriter"})");
  app.mqreader = false;
  response = get("/readyz");
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(json::parse(response.body), json::parse(R"({"status":"unavailable","service":"mqwriter",
                                                        "checks":{"postgres":"ok","mqreader":"unreachable"}})"));
  app.mqreader = true;
  EXPECT_EQ(get("/readyz").status, 200);
}

TEST_F(HealthTest, ADrainIsUnready) {
  health.set_draining();
  const auto response = get("/readyz");
  EXPECT_EQ(response.status, 503);
  const json body = json::parse(response.body);
  EXPECT_EQ(body["status"], "unavailable");
  EXPECT_EQ(body["checks"]["postgres"], "ok");
  EXPECT_TRUE(body["checks"].contains("drain"));
}

TEST_F(HealthTest, MetricsCountRequestsByRouteAndStatus) {
  observe("/v1/publish", http::Method::post, 200);
  observe("/v1/publish", http::Method::post, 200, 3s);
  observe("/v1/publish", http::Method::post, 503);
  observe("", http::Method::get, 404);
  const auto response = get("/metrics");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.content_type, "text/plain; version=0.0.4; charset=utf-8");
  for (const char* line :
       {"\nprompted_mqwriter_http_requests_total{method=\"POST\",route=\"/v1/publish\",status=\"200\"} 2\n",
        "\nprompted_mqwriter_http_requests_total{method=\"POST\",route=\"/v1/publish\",status=\"503\"} 1\n",
        "\nprompted_mqwriter_http_requests_total{method=\"GET\",route=\"unmatched\",status=\"404\"} 1\n",
        "\nprompted_mqwriter_http_request_duration_seconds_count{method=\"POST\",route=\"/v1/publish\"} 3\n",
        "\nprompted_mqwriter_own 7\n"})
    EXPECT_NE(response.body.find(line), std::string::npos) << line << response.body;
}

}  // namespace
}  // namespace prompted::service
