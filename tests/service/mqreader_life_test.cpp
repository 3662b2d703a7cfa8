// mqreader over time: partitions, restarts, outages and the sweep.
#include <future>

#include "service/mqreader_fixture.hpp"

namespace prompted::test {
namespace {

struct MqreaderLife : MqreaderTest {};

TEST_F(MqreaderLife, ServesItsRangeAndTellsOfIt) {
  insert(16);
  start({{"READER_PARTITION_START", "5"}, {"READER_PARTITION_END", "7"}});
  EXPECT_EQ(lease_all(6).size(), 6u);
  const Reply response = get(daemon->url() + "/v1/partitions");
  EXPECT_EQ(response.status, 200);
  const json state = response.json();
  EXPECT_EQ(state["partition_count"], 256);
  ASSERT_EQ(state["partitions"].size(), 3u);
  for (int i = 0; i < 3; ++i) {
    const json& partition = state["partitions"][static_cast<std::size_t>(i)];
    EXPECT_EQ(partition["partition"], 5 + i);
    EXPECT_EQ(partition["depth"], 2);
    EXPECT_EQ(partition["in_flight"], 2);
    EXPECT_GT(partition["oldest_age_seconds"].get<double>(), 0.0);
  }
}

TEST_F(MqreaderLife, AKilledReadersMessagesComeAgainWithTheNextNumber) {
  insert(3);
  start();
  lease(10, 0.1);
  const json again = lease(10, 300);
  ASSERT_EQ(again["messages"].size(), 3u);
  EXPECT_EQ(again["messages"][0]["attempts"], 2);
  daemon->kill();
  start();
  const json later = lease_all(3);
  for (const auto& message : later) EXPECT_EQ(message["attempts"], 3);
  EXPECT_EQ(rows("attempts = 3"), 3);
  EXPECT_EQ(ack(again), 0);  // from before the restart
}

TEST_F(MqreaderLife, SigtermAnswersThoseWhoWait) {
  start({{"SHUTDOWN_GRACE", "10m"}});
  auto waiting = std::async(std::launch::async, [this] { return lease(10, 30, 30000); });
  ASSERT_TRUE(eventually([&] { return counter("polls_total") >= 1; }));
  EXPECT_EQ(daemon->stop(), 0);
  EXPECT_EQ(waiting.get()["messages"], json::array());
}

TEST_F(MqreaderLife, ABacklogLargerThanMemoryIsServedWholeAndTheSweepFindsNothing) {
  insert(5000);
  start({{"READER_MEMORY_MESSAGES", "300"}, {"READER_POLL_BATCH", "100"}, {"READER_SWEEP_INTERVAL", "100ms"}});
  std::set<std::string> seen;
  bool added = false;
  ASSERT_TRUE(eventually(
      [&] {
        const json granted = lease(200, 300, 1000);
        for (const auto& message : granted["messages"]) {
          EXPECT_TRUE(seen.insert(message["msg_uuid"]).second);
          EXPECT_EQ(message["attempts"], 1);
        }
        EXPECT_LE(counter("queue_depth"), 400);
        if (seen.size() > 1000 && !std::exchange(added, true)) insert(500);
        EXPECT_EQ(ack(granted), static_cast<int>(granted["messages"].size()));
        return seen.size() == 5500;
      },
      60s));
  EXPECT_EQ(number(url, "SELECT count(*) FROM queue_messages"), 0);
  EXPECT_TRUE(eventually([&] { return counter("sweeps_total") >= 2; }));
  EXPECT_EQ(counter("late_rows_healed_total"), 0);
}

class MqreaderOutage : public testing::Test {
 protected:
  MqreaderOutage() : url(cluster.migrated_database()), daemon("mqreader", {{"DATABASE_URL", url}}) {
    daemon.wait_ready();
    add();
    granted = lease_two();
  }
  void add() const {
    sql(url,
        "INSERT INTO queue_messages (topic, msg_uuid, payload, partition_key) SELECT 't', gen_random_uuid(), '{}', g"
        " FROM generate_series(1, 4) g");
  }
  json lease_two() const {
    return post(daemon.url() + "/v1/lease",
                R"({"topic":"t","consumer_id":"c","max":2,"lease_seconds":300,"wait_ms":20000})")
        .json();
  }
  void ack_in_doubt() const {
    const Reply response = post(daemon.url() + "/v1/ack",
                                json{{"topic", "t"}, {"consumer_id", "c"}, {"lease_id", granted["lease_id"]}}.dump());
    EXPECT_EQ(response.status, 503);
    EXPECT_FALSE(response.header("retry-after").empty());
  }
  /// Leases until `count` messages have arrived, each once.
  std::set<std::string> lease_all(std::size_t count) const {
    std::set<std::string> seen;
    EXPECT_TRUE(eventually([&] {
      const json more = lease_two();
      for (const auto& message : more["messages"]) EXPECT_TRUE(seen.insert(message["msg_uuid"]).second);
      return seen.size() == count;
    }));
    return seen;
  }

  PostgresCluster cluster;
  std::string url;
  Daemon daemon;
  json granted;
};

TEST_F(MqreaderOutage, AnAckGivenDuringItIsCarriedOutWhenTheSameServerIsBack) {
  ASSERT_FALSE(granted["messages"].empty());
  cluster.freeze();
  ack_in_doubt();
  cluster.thaw();
  const auto left = 4 - granted["messages"].size();
  EXPECT_TRUE(
      eventually([&] { return number(url, "SELECT count(*) FROM queue_messages") == static_cast<long>(left); }));
  const auto seen = lease_all(left);
  for (const auto& message : granted["messages"]) EXPECT_FALSE(seen.contains(message["msg_uuid"]));
}

TEST_F(MqreaderOutage, AfterACrashOfTheServerWhatWasLeasedComesAgain) {
  ASSERT_FALSE(granted["messages"].empty());
  cluster.stop_immediate();
  EXPECT_TRUE(eventually([&] { return get(daemon.url() + "/readyz").status == 503; }));
  ack_in_doubt();
  cluster.start();
  add();  // may reuse xids that the crash lost
  EXPECT_EQ(lease_all(8).size(), 8u);
  EXPECT_EQ(number(url, "SELECT count(*) FROM queue_messages"), 8);
}

}  // namespace
}  // namespace prompted::test
