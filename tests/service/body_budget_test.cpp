// Bodies that never come whole: what mqwriter promises for them is bounded by a budget, and what it holds by what has come.
#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <fstream>

#include "service/queue_fixture.hpp"

namespace prompted::test {
namespace {

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
constexpr bool plain_build = false;  // a sanitizer's own memory is no measure
#else
constexpr bool plain_build = true;
#endif

constexpr std::size_t connections = 1024;
constexpr std::size_t body_bytes = 16 * 1024 * 1024;
constexpr std::size_t welcome = 16;  // HTTP_BODY_BUDGET=256MiB, the default
constexpr long most_resident_kib = 64 * 1024;

/// "VmHWM", "VmRSS": KiB.
long status_kib(int pid, const std::string& name) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(file, line);)
    if (line.starts_with(name + ":")) return std::stol(line.substr(name.size() + 1));
  ADD_FAILURE() << "no " << name << " of process " << pid;
  return 0;
}

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

  void half_send_all() {
    for (std::size_t i = 0; i < connections; ++i) {
      sockets.push_back(std::make_unique<RawSocket>(daemon.port()));
      sockets.back()->send(half_sent());
    }
  }
  /// Bodies that came first are waited for; each of the others has its answer.
  void expect_refusals() {
    std::size_t refused = 0;
    for (std::size_t i = welcome; i < sockets.size(); ++i) {
      const std::string answer = sockets[i]->read_until("\r\n\r\n");
      const bool good = answer.starts_with("HTTP/1.1 503 ") && answer.find("\r\nRetry-After: ") != std::string::npos;
      if (good) ++refused;
      else ADD_FAILURE() << "connection " << i << ": " << answer;
      if (HasFailure()) return;
    }
    EXPECT_EQ(refused, connections - welcome);
  }
  void expect_healthy() const { EXPECT_EQ(get(daemon.url() + "/healthz").status, 200); }

  std::string url = PostgresCluster::shared().migrated_database();
  Daemon daemon{
      "mqwriter",
      with_descriptors({{"DATABASE_URL", url}, {"HTTP_MAX_CONNECTIONS", "2048"}, {"HTTP_BODY_BUDGET", "256MiB"}})};
  std::vector<std::unique_ptr<RawSocket>> sockets;
};

TEST_F(BodyBudget, AThousandHalfSentBodiesCostWhatWasSent) {
  const long before = status_kib(daemon.pid(), "VmHWM");
  half_send_all();
  expect_healthy();
  expect_refusals();
  expect_healthy();
  for (std::size_t i = 0; i < welcome; ++i)
    EXPECT_EQ(sockets[i]->read_until("\r\n", 1ms), "") << "connection " << i << " was within the budget";

  const long most = status_kib(daemon.pid(), "VmHWM");
  std::printf("%zu half-sent bodies of 16 MiB: VmHWM %ld KiB before, %ld KiB after\n", connections, before, most);
  if (plain_build) {
    EXPECT_LT(most, most_resident_kib);
  }

  sockets.clear();
  const std::string message = R"({"topic":"telemetry","messages":[{"gpu_id":"GPU-1"}]})";
  // The closed connections give their share back as the daemon notices each of them.
  EXPECT_TRUE(eventually([&] { return post(daemon.url() + "/v1/publish", message).status == 200; }));
  EXPECT_EQ(number(url, "SELECT count(*) FROM queue_messages"), 1);
  if (plain_build) {
    EXPECT_LT(status_kib(daemon.pid(), "VmHWM"), most_resident_kib);
  }
}

TEST_F(BodyBudget, AClosedConnectionGivesItsShareBack) {
  half_send_all();
  expect_refusals();
  sockets.clear();
  // As many bodies as the budget takes at once are welcome again.
  const auto all_welcome = [&] {
    std::vector<std::unique_ptr<RawSocket>> again;
    for (std::size_t i = 0; i < welcome; ++i) {
      again.push_back(std::make_unique<RawSocket>(daemon.port()));
      again.back()->send(half_sent());
    }
    expect_healthy();
    for (const auto& socket : again)
      if (!socket->read_until("\r\n", 20ms).empty()) return false;
    return true;
  };
  EXPECT_TRUE(eventually(all_welcome));
}

}  // namespace
}  // namespace prompted::test
