// Which topics mqreader keeps in memory: a lease loads a topic, and it is dropped only when unused.
#include <future>

#include "service/mqreader_fixture.hpp"

namespace prompted::test {
namespace {

constexpr int most_topics = 64;

class MqreaderTopics : public MqreaderTest {
 protected:
  static std::string topic(int n) { return "topic-" + std::to_string(n); }
  /// One message in each of topic-<first> … topic-<last>.
  void insert_topics(int first, int last) const {
    sql(url,
        "INSERT INTO queue_messages (topic, msg_uuid, payload, partition_key) SELECT 'topic-' || g, gen_random_uuid(),"
        " '{}', g % 8 FROM generate_series(" +
            std::to_string(first) + ", " + std::to_string(last) + ") g");
  }
  double number_of(const std::string& name) const { return metric(*daemon, "mqreader", name); }
  json lease_one(const std::string& name) const {
    json granted = lease(1, 300, 10000, name);
    EXPECT_EQ(granted["messages"].size(), 1u) << name;
    return granted;
  }
  int ack_of(const json& granted, const std::string& name) const {
    return ask("/v1/ack", target(granted, name))["acked"];
  }
  bool shown(const std::string& name) const {
    return get(daemon->url() + "/metrics").body.find("topic=\"" + name + "\"") != std::string::npos;
  }
};

TEST_F(MqreaderTopics, AnyNumberOneAfterTheOther) {
  insert_topics(1, most_topics + 10);
  start();
  for (int n = 1; n <= most_topics + 10; ++n) EXPECT_EQ(ack_of(lease_one(topic(n)), topic(n)), 1);
  EXPECT_EQ(rows(), 0);
  EXPECT_EQ(number_of("topics_loaded"), most_topics);
  EXPECT_EQ(number_of("topics_evicted_total"), 10);
  EXPECT_FALSE(shown(topic(1)));  // idle longest
  EXPECT_TRUE(shown(topic(most_topics + 10)));
}

TEST_F(MqreaderTopics, OneThatIsInUseStays) {
  insert_topics(1, most_topics + 10);
  insert(2, "held");
  start();
  const json held = lease(2, 300, 10000, "held");
  ASSERT_EQ(held["messages"].size(), 2u);
  auto waiting = std::async(std::launch::async, [this] { return lease(1, 30, 30000, "waited for"); });
  ASSERT_TRUE(eventually([&] { return shown("waited for"); }));
  for (int n = 1; n <= most_topics + 10; ++n) EXPECT_EQ(ack_of(lease_one(topic(n)), topic(n)), 1);
  EXPECT_GE(number_of("topics_evicted_total"), 12);
  insert(1, "waited for", "; NOTIFY prompted_queue");
  EXPECT_EQ(waiting.get()["messages"].size(), 1u);
  EXPECT_EQ(ack_of(held, "held"), 2);
}

TEST_F(MqreaderTopics, OneWhoseMessagesWaitForTheirDelayStays) {
  insert_topics(1, most_topics);
  insert(1, "delayed");
  start();
  json body = target(lease_one("delayed"), "delayed");
  body["delay_ms"] = 600000;
  EXPECT_EQ(ask("/v1/nack", body)["requeued"], 1);
  for (int n = 1; n < most_topics; ++n) lease_one(topic(n));
  const json more{{"topic", topic(most_topics)}, {"consumer_id", "c"}, {"max", 1}, {"lease_seconds", 30}};
  ask("/v1/lease", more, 503);
  EXPECT_EQ(lease(1, 30, 0, "delayed")["messages"].size(), 0u);
}

TEST_F(MqreaderTopics, WhenAllAreInUseOneMoreIsRefusedUntilOneIsDone) {
  insert_topics(1, most_topics + 1);
  start();
  std::vector<json> held;
  for (int n = 1; n <= most_topics; ++n) held.push_back(lease_one(topic(n)));
  const json more{{"topic", topic(most_topics + 1)}, {"consumer_id", "c"}, {"max", 1}, {"lease_seconds", 30}};
  EXPECT_EQ(ask("/v1/lease", more, 503)["error"], "this reader serves 64 topics already, and all are in use");
  EXPECT_EQ(ack_of(held[6], topic(7)), 1);
  lease_one(topic(most_topics + 1));
  EXPECT_FALSE(shown(topic(7)));
  EXPECT_EQ(ack_of(held[5], topic(6)), 1);
}

TEST_F(MqreaderTopics, AnIdleOneIsForgottenWithItsMessagesAndLoadedAgain) {
  insert(20, "t");
  start({{"READER_TOPIC_IDLE", "300ms"}, {"READER_SWEEP_INTERVAL", "100ms"}});
  EXPECT_EQ(ack_of(lease_one("t"), "t"), 1);
  ASSERT_TRUE(eventually([&] { return number_of("topics_loaded") == 0; }));
  EXPECT_FALSE(shown("t"));
  const json state = get(daemon->url() + "/v1/partitions").json();
  for (const auto& partition : state["partitions"]) EXPECT_EQ(partition["depth"], 0);
  const json granted = lease(100, 300, 10000, "t");
  EXPECT_EQ(granted["messages"].size(), 19u);
  for (const auto& message : granted["messages"]) EXPECT_EQ(message["attempts"], 1);
  EXPECT_EQ(ack_of(granted, "t"), 19);
  EXPECT_EQ(daemon->stop(), 0);
}

TEST_F(MqreaderTopics, AnIdleOneWithAnExpiredLeaseStaysForItsLateAck) {
  insert(1, "t");
  start({{"READER_TOPIC_IDLE", "300ms"}});
  const json granted = lease(1, 0.1, 10000, "t");
  ASSERT_EQ(granted["messages"].size(), 1u);
  lease(1, 30, 0, "later");
  ASSERT_TRUE(eventually([&] { return number_of("topics_evicted_total") == 1; }));
  EXPECT_FALSE(shown("later"));
  EXPECT_EQ(ack_of(granted, "t"), 1);
  EXPECT_TRUE(eventually([&] { return number_of("topics_loaded") == 0; }));
}

TEST_F(MqreaderTopics, ALateAckOfAForgottenOneIsNoneAndTheMessageComesAgain) {
  insert_topics(1, most_topics);
  insert(1, "t");
  start();
  const json granted = lease(1, 0.1, 10000, "t");
  ASSERT_EQ(granted["messages"].size(), 1u);
  ASSERT_TRUE(eventually([&] { return counter("queue_ready", "t") == 1; }));
  std::vector<json> held;
  for (int n = 1; n <= most_topics; ++n) held.push_back(lease_one(topic(n)));
  EXPECT_FALSE(shown("t"));
  EXPECT_EQ(ack_of(held.back(), topic(most_topics)), 1);  // it could make room now
  EXPECT_EQ(ack_of(granted, "t"), 0);
  EXPECT_EQ(ask("/v1/nack", target(granted, "t")), json({{"requeued", 0}, {"dead", 0}}));
  json extend = target(granted, "t");
  extend["lease_seconds"] = 30;
  ask("/v1/extend", extend, 409);
  EXPECT_FALSE(shown("t"));  // none of them loads it
  const json again = lease_one("t");
  EXPECT_GE(again["messages"][0]["attempts"], 2);
  EXPECT_EQ(ack_of(again, "t"), 1);
}

TEST_F(MqreaderTopics, ManyTopicsFromManyClientsLoseNothing) {
  constexpr int topics = 100;
  insert_topics(1, topics);
  insert_topics(1, topics);
  start({{"READER_TOPIC_IDLE", "100ms"}, {"READER_SWEEP_INTERVAL", "100ms"}});
  std::vector<std::future<int>> clients;
  for (int client = 0; client < 4; ++client)
    clients.push_back(std::async(std::launch::async, [this, client] {
      int acked = 0;
      for (int round = 0; round < 3; ++round) {
        for (int n = 1; n <= topics; ++n) {
          const std::string name = topic(1 + (n + 25 * client) % topics);
          const json granted = lease(1, 300, 0, name);
          if (!granted["messages"].empty()) acked += ack_of(granted, name);
        }
      }
      return acked;
    }));
  int acked = 0;
  for (auto& client : clients) acked += client.get();
  EXPECT_EQ(acked, 2 * topics);
  EXPECT_EQ(rows(), 0);
  EXPECT_GT(number_of("topics_evicted_total"), topics - most_topics);
}

}  // namespace
}  // namespace prompted::test
