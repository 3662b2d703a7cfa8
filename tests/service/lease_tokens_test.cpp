// Exact lease tokens: a live lease can be extended, and an old one never affects a newer lease of the same message.
#include "service/mqreader_fixture.hpp"

namespace prompted::test {
namespace {

class LeaseTokens : public MqreaderTest {
 protected:
  json extend(const json& granted, double seconds, int status = 200) const {
    json body = target(granted);
    body["lease_seconds"] = seconds;
    return ask("/v1/extend", body, status);
  }
  void expect_gone(const json& body) const {
    const Reply response = post(daemon->url() + "/v1/extend", body.dump());
    EXPECT_EQ(response.status, 409) << body << response.body;
    EXPECT_EQ(response.header("content-type"), "application/problem+json");
    EXPECT_EQ(response.json()["error"], "the lease is gone");
  }
  void expect_gone(const json& granted, double seconds) const {
    json body = target(granted);
    body["lease_seconds"] = seconds;
    expect_gone(body);
  }
};

TEST_F(LeaseTokens, ExtendingKeepsALeaseFromExpiring) {
  insert(2);
  start();
  const json granted = lease(2, 1);
  ASSERT_EQ(granted["messages"].size(), 2u);
  const json response = extend(granted, 60);
  ASSERT_EQ(response.size(), 1u);
  const std::string until = response["lease_until"];
  EXPECT_TRUE(sql(url, "SELECT '" + until + "'::timestamptz - now() BETWEEN '50 s' AND '61 s'")[0][0].as<bool>())
      << until;
  EXPECT_EQ(lease(10, 30, 2500)["messages"].size(), 0u);  // longer than the lease was
  EXPECT_EQ(counter("lease_expiries_total"), 0);
  EXPECT_EQ(ack(granted), 2);
  expect_gone(granted, 30);
}

TEST_F(LeaseTokens, ExtendingCanBringTheEndNearer) {
  insert(1);
  start();
  const json granted = lease(1, 300);
  extend(granted, 0.2);
  EXPECT_EQ(lease(1, 30, 10000)["messages"].size(), 1u);
  expect_gone(granted, 30);
}

TEST_F(LeaseTokens, UnknownForeignAndExpiredLeasesAreGone) {
  insert(1);
  start();
  json granted = lease(1, 0.1);
  ASSERT_EQ(granted["messages"].size(), 1u);
  ASSERT_TRUE(eventually([&] { return counter("lease_expiries_total") == 1; }));
  expect_gone(granted, 30);
  granted = lease(1, 300);
  ASSERT_EQ(granted["messages"].size(), 1u);
  json body = target(granted, "telemetry", "another");
  body["lease_seconds"] = 30;
  expect_gone(body);
  body = target(granted, "other");
  body["lease_seconds"] = 30;
  expect_gone(body);
  for (const char* id : {"no uuid", "01890a5d-ac96-774b-bcce-b302099a8057"}) {
    body = target({{"lease_id", id}});
    body["lease_seconds"] = 30;
    expect_gone(body);
  }
  EXPECT_EQ(nack(granted, {{"delay_ms", 60000}})["requeued"], 1);
  expect_gone(granted, 30);  // none of its messages is leased any more
}

TEST_F(LeaseTokens, EveryRefusalHasItsText) {
  start();
  const std::string to = daemon->url() + "/v1/extend";
  expect_refused(to, "nonsense", "invalid JSON: …");
  expect_refused(to, R"({"consumer_id":"c","lease_id":"l","lease_seconds":1})", "topic is required");
  expect_refused(to, R"({"topic":"t","lease_id":"l","lease_seconds":1})", "consumer_id is required");
  expect_refused(to, R"({"topic":"t","consumer_id":"c","lease_seconds":1})", "lease_id is required");
  expect_refused(to, R"({"topic":"t","consumer_id":"c","lease_id":"l"})", "lease_seconds must be > 0");
}

TEST_F(LeaseTokens, AnOldLeaseDoesNothingToTheNewerOne) {
  insert(3);
  start();
  const json old = lease(10, 0.2);
  ASSERT_EQ(old["messages"].size(), 3u);
  json now = lease(10, 300);
  while (now["messages"].size() < 3) {  // redelivered as their attempts are persisted
    const json more = lease(10, 300);
    ASSERT_FALSE(more["messages"].empty());
    for (const auto& message : more["messages"]) now["messages"].push_back(message);
    now["leases"].push_back(more);
  }
  for (int repeated = 0; repeated < 2; ++repeated) {
    EXPECT_EQ(ack(old), 0);
    EXPECT_EQ(nack(old, {{"reason", "late"}}), json({{"requeued", 0}, {"dead", 0}}));
    EXPECT_EQ(nack(old, {{"dead", true}}), json({{"requeued", 0}, {"dead", 0}}));
    expect_gone(old, 0.1);
    json named = target(old);
    named["msg_uuids"] = {now["messages"][0]["msg_uuid"]};
    EXPECT_EQ(ask("/v1/ack", named)["acked"], 0);
  }
  EXPECT_EQ(rows("attempts = 2"), 3);
  EXPECT_EQ(number(url, "SELECT count(*) FROM dead_letters"), 0);
  EXPECT_EQ(lease(10, 300, 500)["messages"].size(), 0u);  // the newer leases live on
  int acked = ack(now);
  for (const auto& more : now.value("leases", json::array())) acked += ack(more);
  EXPECT_EQ(acked, 3);
  EXPECT_EQ(rows(), 0);
}

TEST_F(LeaseTokens, ANackRepeatedAfterTheNextLeaseDoesNothing) {
  insert(1);
  start();
  const json first = lease();
  EXPECT_EQ(nack(first, {{"reason", "once"}})["requeued"], 1);
  const json second = lease();
  ASSERT_EQ(second["messages"].size(), 1u);
  EXPECT_EQ(nack(first, {{"reason", "again"}})["requeued"], 0);
  EXPECT_EQ(nack(first, {{"dead", true}})["dead"], 0);
  EXPECT_EQ(ack(second), 1);
}

}  // namespace
}  // namespace prompted::test
