// Several mqreader processes share the partitions of one queue.
#include <gtest/gtest.h>

#include <numeric>
#include <set>

#include "base/time.hpp"
#include "postgres/libpqxx.hpp"
#include "service/partition_log.hpp"
#include "support/daemon.hpp"
#include "support/http.hpp"
#include "support/postgres_cluster.hpp"
#include "support/wait.hpp"

namespace prompted::test {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

class Readers {
 public:
  explicit Readers(std::string ttl = "3s")
      : url_(PostgresCluster::shared().migrated_database()), ttl_(std::move(ttl)) {}

  Daemon& start(Environment extra = {}) {
    extra["DATABASE_URL"] = url_;
    extra["READER_LEASE_TTL"] = ttl_;
    extra["READER_POLL_INTERVAL"] = "50ms";
    daemons_.push_back(std::make_unique<Daemon>("mqreader", extra));
    return *daemons_.back();
  }
  void end(std::size_t i) { daemons_.erase(daemons_.begin() + static_cast<std::ptrdiff_t>(i)); }
  Daemon& operator[](std::size_t i) { return *daemons_[i]; }

  static std::set<int> owned(const Daemon& daemon) {
    std::set<int> keys;
    const json response = get(daemon.url() + "/v1/partitions").json();
    for (const auto& partition : response.at("partitions")) keys.insert(partition.at("partition").get<int>());
    return keys;
  }
  /// Sizes, sorted; {-1} when two readers name the same partition.
  std::vector<int> shares(const std::vector<std::size_t>& of) {
    std::vector<int> sizes;
    std::set<int> all;
    std::size_t sum = 0;
    for (auto i : of) {
      const auto keys = owned(*daemons_[i]);
      sizes.push_back(static_cast<int>(keys.size()));
      all.insert(keys.begin(), keys.end());
      sum += keys.size();
    }
    std::sort(sizes.begin(), sizes.end());
    return all.size() == sum ? sizes : std::vector<int>{-1};
  }
  bool reach(const std::vector<std::size_t>& of, const std::vector<int>& sizes, std::chrono::milliseconds limit) {
    return eventually([&] { return shares(of) == sizes; }, limit);
  }
  const std::string& url() const { return url_; }
  static double metric(const Daemon& daemon, const std::string& name) {
    const std::string text = get(daemon.url() + "/metrics").body;
    const auto at = text.find("\n" + name + " ");
    return at == text.npos ? -1 : std::stod(text.substr(at + name.size() + 2));
  }

  void insert(int rows) {
    pqxx::connection connection(url_);
    pqxx::nontransaction work(connection);
    pg::exec_params(work,
                    "INSERT INTO queue_messages (topic, msg_uuid, payload, partition_key)"
                    " SELECT 'telemetry', gen_random_uuid(), '{\"v\":1}', i % 256 FROM generate_series(1, $1) i",
                    rows);
  }
  static json lease(const Daemon& daemon, int max, double seconds, int wait_ms) {
    const json body{
        {"topic", "telemetry"}, {"consumer_id", "t"}, {"max", max}, {"lease_seconds", seconds}, {"wait_ms", wait_ms}};
    return post(daemon.url() + "/v1/lease", body.dump()).json();
  }

 private:
  std::string url_;
  std::string ttl_;
  std::vector<std::unique_ptr<Daemon>> daemons_;
};

TEST(Ownership, ThreeShareEvenlyOneIsKilledAndAFourthComes) {
  Readers readers;
  for (int i = 0; i < 3; ++i) readers.start();
  ASSERT_TRUE(readers.reach({0, 1, 2}, {85, 85, 86}, 20s));
  const auto before = Readers::owned(readers[0]);
  readers[1].kill();
  const auto killed = base::now_utc();
  ASSERT_TRUE(readers.reach({0, 2}, {128, 128}, 3s + 3s + 10s));
  const auto after = Readers::owned(readers[0]);
  EXPECT_TRUE(std::includes(after.begin(), after.end(), before.begin(), before.end()))
      << "what was owned was moved for nothing";
  readers.start();
  ASSERT_TRUE(readers.reach({0, 2, 3}, {85, 85, 86}, 20s));

  // No partition moves when nothing changes: further heartbeats log nothing.
  const auto lines = [&](std::size_t i) { return readers[i].log_with("\"msg\":\"partitions\""); };
  const auto beats = [&] { return Readers::metric(readers[3], "prompted_mqreader_ownership_beats_total"); };
  const auto quiet = lines(0).size() + lines(2).size() + lines(3).size();
  const double begun = beats();
  ASSERT_TRUE(eventually([&] { return beats() >= begun + 4; }));
  EXPECT_EQ(lines(0).size() + lines(2).size() + lines(3).size(), quiet);

  PartitionLog log;
  for (int i = 0; i < 4; ++i) log.add(i, lines(static_cast<std::size_t>(i)), i == 1 ? killed : base::now_utc());
  EXPECT_GT(log.services(), 256u * 2);
  EXPECT_EQ(log.overlaps(), 0) << "two readers served one partition at the same time";
}

TEST(Ownership, TheOverlapCheckFindsAPlantedOverlap) {
  const auto line = [](const char* time, const char* taken, const char* dropped) {
    return json{{"time", time}, {"taken", taken}, {"dropped", dropped}}.dump();
  };
  PartitionLog log;
  const auto end = base::parse_rfc3339("2026-01-01T00:01:00Z").value();
  log.add(0, {line("2026-01-01T00:00:00Z", "0-3,7", ""), line("2026-01-01T00:00:10Z", "", "2-3")}, end);
  log.add(1, {line("2026-01-01T00:00:11Z", "2-3", "")}, end);
  EXPECT_EQ(log.overlaps(), 0);
  log.add(2, {line("2026-01-01T00:00:30Z", "7", "")}, end);
  EXPECT_EQ(log.overlaps(), 1);
}

TEST(Ownership, SigtermGivesEverythingBackAtOnce) {
  Readers readers("60s");
  readers.start();
  readers.start();
  ASSERT_TRUE(readers.reach({0, 1}, {128, 128}, 20s));
  EXPECT_EQ(readers[1].stop(), 0);
  EXPECT_TRUE(readers.reach({0}, {256}, 15s)) << "the TTL of 60 s was waited for";
}

TEST(Ownership, DisjointRangesAreStatic) {
  Readers readers;
  readers.start({{"READER_PARTITION_START", "0"}, {"READER_PARTITION_END", "99"}});
  readers.start({{"READER_PARTITION_START", "100"}, {"READER_PARTITION_END", "255"}});
  ASSERT_TRUE(readers.reach({0, 1}, {100, 156}, 20s));
  EXPECT_EQ(*Readers::owned(readers[1]).begin(), 100);
}

TEST(Ownership, AFrozenReaderServesNothingPastItsTtlAndRejoins) {
  Readers readers("2s");
  readers.start();
  readers.insert(2560);
  ASSERT_TRUE(eventually(
      [&] { return get(readers[0].url() + "/readyz").status == 200 && Readers::owned(readers[0]).size() == 256; }));
  const json held = Readers::lease(readers[0], 100, 60, 5000);
  ASSERT_EQ(held.at("messages").size(), 100u);
  readers[0].freeze();
  readers.start();
  ASSERT_TRUE(readers.reach({1}, {256}, 20s));
  readers[0].thaw();
  // Its memory still holds 2,460 messages. From now on it may grant only from partitions that it owns again.
  const json after = Readers::lease(readers[0], 1000, 60, 0);
  if (!after.at("messages").empty()) {
    const auto mine = Readers::owned(readers[0]);
    const auto theirs = Readers::owned(readers[1]);
    for (const auto& message : after.at("messages"))
      EXPECT_FALSE(theirs.contains(message.at("partition_key").get<int>()));
  }
  EXPECT_TRUE(readers.reach({0, 1}, {128, 128}, 20s));
  EXPECT_FALSE(readers[0].log_with("lost ownership of all partitions").empty());
  // Messages leased before the freeze can still be acknowledged there.
  const json ack{{"topic", "telemetry"}, {"consumer_id", "t"}, {"lease_id", held.at("lease_id")}};
  EXPECT_EQ(post(readers[0].url() + "/v1/ack", ack.dump()).json().at("acked"), 100);
}

TEST(Ownership, AnAckThatReachesAnotherReaderIsForwarded) {
  Readers readers("60s");
  readers.start();
  readers.start();
  ASSERT_TRUE(readers.reach({0, 1}, {128, 128}, 20s));
  readers.insert(256);
  const json lease = Readers::lease(readers[0], 50, 60, 5000);
  const auto leased = lease.at("messages").size();
  ASSERT_GT(leased, 0u);
  json ack{{"topic", "telemetry"}, {"consumer_id", "t"}, {"lease_id", lease.at("lease_id")}};
  // The other one learns of a new reader's address with its next heartbeat.
  const auto response = post(readers[1].url() + "/v1/ack", ack.dump());
  EXPECT_EQ(response.status, 200) << response.body;
  EXPECT_EQ(response.json().at("acked"), leased);
  EXPECT_EQ(post(readers[0].url() + "/v1/ack", ack.dump()).json().at("acked"), 0);
  ack["lease_id"] = "00000000-0000-8000-8000-000000000000";
  EXPECT_EQ(post(readers[1].url() + "/v1/ack", ack.dump()).json().at("acked"), 0);
}

TEST(Ownership, BadRangesAreStartUpErrors) {
  const auto run = [](Environment environment) { return run_program({binary("mqreader")}, environment); };
  const auto turned = run({{"READER_PARTITION_START", "9"}, {"READER_PARTITION_END", "3"}});
  EXPECT_EQ(turned.exit_code, 2);
  EXPECT_NE(turned.output.find("READER_PARTITION_START"), std::string::npos) << turned.output;
  const auto outside = run({{"READER_PARTITION_END", "256"}});
  EXPECT_EQ(outside.exit_code, 2);
  EXPECT_NE(outside.output.find("MQ_PARTITION_COUNT"), std::string::npos) << outside.output;
}

}  // namespace
}  // namespace prompted::test
