// Incomplete bodies take only the received bytes from the budget and from memory.
#include <sys/resource.h>

#include <algorithm>
#include <cstdio>

#include "service/queue_fixture.hpp"

namespace prompted::test {
namespace {

constexpr std::size_t connections = 1024;
constexpr std::size_t body_bytes = 16 * 1024 * 1024;
constexpr std::size_t budget_bodies = 4;  // HTTP_BODY_BUDGET=64MiB
constexpr long most_resident_kib = 64 * 1024;

/// A shell's usual 1,024 descriptors are too few for so many sockets; the daemon inherits the limit.
Environment with_descriptors(Environment environment) {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = std::max<rlim_t>(limit.rlim_cur, std::min<rlim_t>(limit.rlim_max, 4096));
  ::setrlimit(RLIMIT_NOFILE, &limit);
  return environment;
}

std::string half_sent() {
  return "POST /v1/publish HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: " +
         std::to_string(body_bytes) + "\r\n\r\n{\"topic\":\"telemetry\",";
}

class BodyBudget : public testing::Test {
 protected:
  BodyBudget() { daemon.wait_ready(); }

  RawSocket& connect() {
    sockets.push_back(std::make_unique<RawSocket>(daemon.port()));
    return *sockets.back();
  }
  int publish(std::size_t pad = 0) {
    const std::string message = R"({"gpu_id":"GPU-1","labels_raw":")" + std::string(pad, 'x') + "\"}";
    return post(daemon.url() + "/v1/publish", R"({"topic":"telemetry","messages":[)" + message + "]}").status;
  }

  std::string url = PostgresCluster::shared().migrated_database();
  Daemon daemon{
      "mqwriter",
      with_descriptors({{"DATABASE_URL", url}, {"HTTP_MAX_CONNECTIONS", "2048"}, {"HTTP_BODY_BUDGET", "64MiB"}})};
  std::vector<std::unique_ptr<RawSocket>> sockets;
};

TEST_F(BodyBudget, AThousandHalfSentBodiesCostWhatWasSent) {
  const long before = daemon.peak_kib();
  for (std::size_t i = 0; i < connections; ++i) connect().send(half_sent());
  EXPECT_EQ(publish(), 200);
  EXPECT_EQ(publish(100'000), 200);
  EXPECT_EQ(number(url, "SELECT count(*) FROM queue_messages"), 2);

  const long most = daemon.peak_kib();
  std::printf("%zu half-sent bodies of 16 MiB: VmHWM %ld KiB before, %ld KiB after\n", connections, before, most);
  if (plain_build) {
    EXPECT_LT(most, most_resident_kib);
  }
}

TEST_F(BodyBudget, WhenItIsFullLargeBodiesWaitAndSmallOnesAreTaken) {
  const std::string nearly_all = half_sent() + std::string(body_bytes - 23, 'x');
  for (std::size_t i = 0; i < budget_bodies; ++i) connect().send(nearly_all);
  const std::string refused = [&] {
    RawSocket& more = connect();
    more.send(half_sent() + std::string(body_bytes / 2, 'x'));
    return more.read_until("\r\n\r\n");
  }();
  EXPECT_TRUE(refused.starts_with("HTTP/1.1 503 ")) << refused;
  EXPECT_NE(refused.find("\r\nRetry-After: "), std::string::npos) << refused;
  EXPECT_EQ(publish(100'000), 503);
  EXPECT_EQ(publish(10'000), 200);

  sockets.clear();
  EXPECT_TRUE(eventually([&] { return publish(100'000) == 200; }));
}

}  // namespace
}  // namespace prompted::test
