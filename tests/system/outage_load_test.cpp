// PostgreSQL fails while publishers continue at full speed: mqwriter holds no more than its buffer allows, returns 503
// for the rest, and everything acknowledged is in the queue.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <future>

#include "base/uuid.hpp"
#include "system/pipeline.hpp"

namespace prompted::test {
namespace {

using Clock = std::chrono::steady_clock;

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
constexpr int publishers = 16;
constexpr int message_bytes = 256;
const char* const buffer_size = "256KiB";
constexpr std::chrono::seconds outage{5};
#else
constexpr int publishers = 64;
constexpr int message_bytes = 4096;
const char* const buffer_size = "16MiB";
constexpr std::chrono::seconds outage{20};
#endif

constexpr int messages_per_request = 128;  // the concurrent load is twice the buffer's size
constexpr long buffer_kib = 16 * 1024;
constexpr long slack_kib = 32 * 1024;
// When PostgreSQL recovers, the whole buffer is flushed at once: on each of four connections a batch of 2 MiB is there
// as an array, as a parameter, and in libpq's send buffer, which grows by doubling.
constexpr long flushes_kib = 4 * 4 * 2 * 1024;

std::string body(const std::string& key) {
  std::string messages;
  for (int i = 0; i < messages_per_request; ++i) {
    messages += (i == 0 ? "" : ",") + std::string(R"({"gpu_id":"GPU-)") + std::to_string(i) + R"(","request":")" + key +
                R"(","pad":")" + std::string(message_bytes, 'x') + "\"}";
  }
  return R"({"topic":"telemetry","messages":[)" + messages + "]}";
}

/// Publishers that retry each request until it is acknowledged, then send the next without a pause.
class Load {
 public:
  explicit Load(std::string url) : url_(std::move(url)) {
    for (int i = 0; i < publishers; ++i) threads_.push_back(std::async(std::launch::async, [this] { publish(); }));
  }
  ~Load() { finish(); }

  /// Returns when each publisher's last request is acknowledged.
  void finish() {
    stop_ = true;
    for (auto& thread : threads_) thread.wait();
  }

  long acknowledged() const { return acknowledged_; }
  long refused() const { return refused_; }
  long without_retry_after() const { return without_retry_after_; }
  long other() const { return other_; }
  double slowest_seconds() const { return static_cast<double>(slowest_ms_.load()) / 1000; }

 private:
  void publish() {
    while (!stop_ && other_ == 0) {
      const std::string key = base::to_string(base::random_uuid());
      const std::string text = body(key);
      while (!is_acknowledged(text, key) && other_ == 0) {
      }
    }
  }
  bool is_acknowledged(const std::string& text, const std::string& key) {
    const auto begun = Clock::now();
    const Reply response = send(text, key);
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begun).count();
    for (long seen = slowest_ms_; took > seen && !slowest_ms_.compare_exchange_weak(seen, took);) {
    }
    if (response.status == 200) ++acknowledged_;
    else if (response.status == 503) ++refused_;
    else ++other_;
    if (response.status == 503 && response.header("retry-after").empty()) ++without_retry_after_;
    return response.status == 200;
  }
  /// Status 0: none.
  Reply send(const std::string& text, const std::string& key) const {
    try {
      return post(url_, text, {{"Idempotency-Key", key}});
    } catch (const std::exception& error) {
      std::printf("no answer: %s\n", error.what());
      return {};
    }
  }

  std::string url_;
  std::atomic<bool> stop_{false};
  std::atomic<long> acknowledged_{0}, refused_{0}, without_retry_after_{0}, other_{0}, slowest_ms_{0};
  std::vector<std::future<void>> threads_;
};

TEST(OutageUnderLoad, MqwriterStaysFlatAndKeepsItsWord) {
  PostgresCluster cluster;
  const std::string url = cluster.migrated_database();
  Daemon writer("mqwriter", {{"DATABASE_URL", url}, {"MQ_BUFFER_BYTES", buffer_size}});
  writer.wait_ready();
  Load load(writer.url() + "/v1/publish");
  ASSERT_TRUE(eventually([&] { return load.acknowledged() >= 4 * publishers; }, std::chrono::seconds(90)));
  const long before = writer.peak_kib();

  cluster.stop_immediate();
  const long acknowledged_before = load.acknowledged(), refused_before = load.refused();
  EXPECT_FALSE(eventually([&] { return !writer.running() || load.other() > 0; }, outage));
  const long after = writer.peak_kib(), refused = load.refused() - refused_before;
  EXPECT_EQ(get(writer.url() + "/healthz").status, 200);
  // Those whose commit had completed when PostgreSQL stopped.
  EXPECT_LE(load.acknowledged() - acknowledged_before, publishers);

  cluster.start();
  const long acknowledged_until_start = load.acknowledged();
  EXPECT_TRUE(eventually([&] { return load.acknowledged() >= acknowledged_until_start + 2 * publishers; },
                         std::chrono::seconds(60)));
  load.finish();
  const long last = writer.peak_kib();
  std::printf(
      "outage of %lld s under load of %d publishers: VmHWM %ld KiB before, %ld KiB after it, %ld KiB at the end; "
      "%ld refused in it; acknowledged %ld, slowest answer %.1f s\n",
      static_cast<long long>(outage.count()), publishers, before, after, last, refused, load.acknowledged(),
      load.slowest_seconds());
  EXPECT_EQ(load.other(), 0) << "an answer was neither 200 nor 503";
  EXPECT_EQ(load.without_retry_after(), 0);
  EXPECT_GT(refused, plain_build ? publishers : 0) << "there was no load";
  if (plain_build) {
    EXPECT_LT(after - before, buffer_kib + slack_kib);
    EXPECT_LT(last - before, buffer_kib + flushes_kib);
  }

  pqxx::connection connection(url);
  pqxx::nontransaction work(connection);
  const auto found = work.exec(
      "SELECT count(*), coalesce(min(n), 0), coalesce(max(n), 0)"
      " FROM (SELECT count(*) n FROM queue_messages GROUP BY payload->>'request') requests")[0];
  EXPECT_EQ(found[0].as<long>(), load.acknowledged()) << "requests in the queue";
  EXPECT_EQ(found[1].as<int>(), messages_per_request) << "a request is there in part";
  EXPECT_EQ(found[2].as<int>(), messages_per_request) << "a request is there twice";
  EXPECT_EQ(writer.stop(), 0);
}

}  // namespace
}  // namespace prompted::test
