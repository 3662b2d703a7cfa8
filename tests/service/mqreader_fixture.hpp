#pragma once
// Runs mqreader and talks to it as a consumer.
#include <memory>
#include <set>

#include "service/queue_fixture.hpp"

namespace prompted::test {

class MqreaderTest : public testing::Test {
 protected:
  void start(Environment more = {}) {
    more["DATABASE_URL"] = url;
    daemon = std::make_unique<Daemon>("mqreader", more);
    daemon->wait_ready();
  }
  /// Inserts messages without NOTIFY. `payload` is SQL over g; messages g = 1 … count are in partitions 0 … 7.
  void insert(int count, const std::string& topic = "telemetry", const std::string& more = "") const {
    sql(url,
        "INSERT INTO queue_messages (topic, msg_uuid, payload, partition_key) SELECT '" + topic +
            "', gen_random_uuid(), jsonb_build_object('n', g, 'gpu_id', 'GPU-' || g), g % 8 FROM generate_series(1, " +
            std::to_string(count) + ") g" + more);
  }
  json ask(const std::string& path, json body, int status = 200) const {
    Call call;
    call.method = "POST";
    call.body = body.dump();
    call.timeout = 60s;
    const Reply response = http(daemon->url() + path, call);
    EXPECT_EQ(response.status, status) << path << call.body << response.body;
    return json::parse(response.body, nullptr, false);
  }
  json lease(int max = 100, double seconds = 30, int wait_ms = 10000, const std::string& topic = "telemetry",
             const std::string& consumer = "c") const {
    return ask(
        "/v1/lease",
        {{"topic", topic}, {"consumer_id", consumer}, {"max", max}, {"lease_seconds", seconds}, {"wait_ms", wait_ms}});
  }
  /// Leases until `count` messages have arrived; returns all of them.
  json lease_all(std::size_t count, const std::string& topic = "telemetry") const {
    json messages = json::array();
    eventually([&] {
      const json granted = lease(10000, 300, 1000, topic);
      for (const auto& message : granted["messages"]) messages.push_back(message);
      return messages.size() >= count;
    });
    EXPECT_EQ(messages.size(), count);
    return messages;
  }
  json target(const json& granted, const std::string& topic = "telemetry", const std::string& consumer = "c") const {
    return {{"topic", topic}, {"consumer_id", consumer}, {"lease_id", granted["lease_id"]}};
  }
  int ack(const json& granted) const { return ask("/v1/ack", target(granted))["acked"]; }
  json nack(const json& granted, const json& more) const {
    json body = target(granted);
    body.update(more);
    return ask("/v1/nack", body);
  }
  long rows(const std::string& where = "true") const {
    return number(url, "SELECT count(*) FROM queue_messages WHERE " + where);
  }
  double counter(const std::string& name, const std::string& topic = "telemetry") const {
    return metric(*daemon, "mqreader", name + "{topic=\"" + topic + "\"}");
  }

  std::string url = PostgresCluster::shared().migrated_database();
  std::unique_ptr<Daemon> daemon;
};

}  // namespace prompted::test
