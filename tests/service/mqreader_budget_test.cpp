// One memory budget for all topics: a large backlog of one does not starve another, and together they stay within the
// budget.
#include <future>

#include "service/mqreader_fixture.hpp"

namespace prompted::test {
namespace {

constexpr double mebibyte = 1024 * 1024;

class MqreaderBudget : public MqreaderTest {
 protected:
  /// Rows of 20 KB.
  void insert_large(int count, const std::string& topic) const {
    sql(url, "INSERT INTO queue_messages (topic, msg_uuid, payload, partition_key) SELECT '" + topic +
                 "', gen_random_uuid(), jsonb_build_object('n', g, 'x', repeat('x', 20000)), g % 8 FROM "
                 "generate_series(1, " +
                 std::to_string(count) + ") g");
  }
  double held() const { return metric(*daemon, "mqreader", "memory_bytes"); }
  double responses() const { return metric(*daemon, "mqreader", "lease_response_bytes"); }
  int ack_of(const json& granted, const std::string& topic) const {
    return ask("/v1/ack", target(granted, topic))["acked"];
  }
};

TEST_F(MqreaderBudget, SixTopicsLargerThanItAreServedWholeWithinIt) {
  constexpr int topics = 6;
  constexpr std::size_t count = 600;  // 12 MB each
  for (int n = 0; n < topics; ++n) insert_large(count, "t" + std::to_string(n));
  // One poll at a time, so that nothing in flight exceeds the budget; progress must not depend on a regular poll.
  start({{"READER_MEMORY_BYTES", "8MiB"}, {"DB_POOL_SIZE", "1"}, {"READER_POLL_INTERVAL", "10m"}});
  std::map<std::string, std::set<std::string>> seen;
  double most = 0;
  const auto all_seen = [&] {
    for (int n = 0; n < topics; ++n) {
      const std::string topic = "t" + std::to_string(n);
      const json granted = lease(50, 300, 0, topic);
      most = std::max(most, held());
      for (const auto& message : granted["messages"]) EXPECT_TRUE(seen[topic].insert(message["msg_uuid"]).second);
      if (granted["messages"].empty()) continue;
      EXPECT_EQ(ack_of(granted, topic), static_cast<int>(granted["messages"].size()));
    }
    return std::all_of(seen.begin(), seen.end(), [](const auto& topic) { return topic.second.size() == count; });
  };
  EXPECT_TRUE(eventually(all_seen, 120s));
  for (const auto& [topic, uuids] : seen) EXPECT_EQ(uuids.size(), count) << topic;
  EXPECT_GT(most, 4 * mebibyte);
  EXPECT_LT(most, 8.5 * mebibyte);
  EXPECT_EQ(rows(), 0);
  EXPECT_EQ(held(), 0);
}

TEST_F(MqreaderBudget, ANewTopicIsServedWhileALeasedOutOneHoldsAllItMay) {
  insert_large(600, "big");
  insert(500, "small");
  start({{"READER_MEMORY_BYTES", "8MiB"}, {"READER_POLL_INTERVAL", "10m"}});
  std::vector<json> held_leases;
  ASSERT_TRUE(eventually([&] {
    json granted = lease(1000, 300, 500, "big");
    const bool none = granted["messages"].empty();
    if (!none) held_leases.push_back(std::move(granted));
    return none;
  }));
  EXPECT_GT(held(), 3 * mebibyte);
  std::size_t served = 0;
  ASSERT_TRUE(eventually([&] {
    const json granted = lease(100, 300, 0, "small");
    served += granted["messages"].size();
    if (!granted["messages"].empty()) ack_of(granted, "small");
    return served == 500;
  }));
  // The leased messages are acknowledged, and the rest follows.
  std::size_t of_big = 0;
  for (const auto& granted : held_leases) of_big += static_cast<std::size_t>(ack_of(granted, "big"));
  ASSERT_TRUE(eventually([&] {
    const json granted = lease(1000, 300, 0, "big");
    of_big += granted["messages"].size();
    if (!granted["messages"].empty()) ack_of(granted, "big");
    return of_big == 600;
  }));
  EXPECT_EQ(rows(), 0);
}

/// The topic frees no memory itself, and no regular poll is due.
TEST_F(MqreaderBudget, ATopicWithoutRoomGoesOnWhenAnotherOneMakesSome) {
  insert_large(600, "big");
  insert_large(300, "leased out");
  start({{"READER_MEMORY_BYTES", "8MiB"}, {"READER_POLL_INTERVAL", "10m"}});
  std::vector<json> of_big;
  std::size_t of_other = 0;
  const auto lease_out = [&](const std::string& topic, const auto& take) {
    return eventually([&] {
      const json granted = lease(1000, 300, 500, topic);
      if (!granted["messages"].empty()) take(granted);
      return granted["messages"].empty();
    });
  };
  ASSERT_TRUE(lease_out("big", [&](const json& granted) { of_big.push_back(granted); }));
  ASSERT_TRUE(lease_out("leased out", [&](const json& granted) { of_other += granted["messages"].size(); }));
  ASSERT_LT(of_other, 300u);
  auto waiting = std::async(std::launch::async, [this] { return lease(1000, 300, 30000, "leased out"); });
  for (const auto& granted : of_big) ack_of(granted, "big");
  EXPECT_GT(waiting.get()["messages"].size(), 0u);
}

/// A client that does not read its lease response.
TEST_F(MqreaderBudget, ResponsesToStalledClientsLeaveTheNextOnesSmallerAndAreCounted) {
  insert_large(2000, "t");  // 40 MB
  start({{"READER_MEMORY_BYTES", "256MiB"}});
  lease(1, 300, 10000, "t");
  ASSERT_TRUE(eventually([&] { return counter("queue_depth", "t") == 2000; }));
  const std::string body = R"({"topic":"t","consumer_id":"c","max":10000,"lease_seconds":300})";
  std::vector<std::unique_ptr<RawSocket>> stalled;
  // 20 MiB in all: each gets a quarter of the remainder, at most 4 MiB.
  double expected = 0;
  for (const double mebibytes : {4.0, 4.0, 3.0, 2.25}) {
    stalled.push_back(std::make_unique<RawSocket>(daemon->port()));
    stalled.back()->set_receive_buffer(4096);
    stalled.back()->send("POST /v1/lease HTTP/1.1\r\nHost: localhost\r\nContent-Length: " +
                         std::to_string(body.size()) + "\r\n\r\n" + body);
    expected += 0.99 * mebibytes * mebibyte;
    ASSERT_TRUE(eventually([&] { return responses() > expected; })) << responses();
  }
  EXPECT_LT(responses(), 14.5 * mebibyte);
  const json more = lease(10000, 300, 0, "t");
  EXPECT_LT(more["messages"].size(), 100u);  // of 20 kB
  stalled.clear();                           // their undelivered messages are ready again
  EXPECT_TRUE(eventually([&] { return responses() == 0; }));
}

}  // namespace
}  // namespace prompted::test
