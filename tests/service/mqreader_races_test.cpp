// Effects of other transactions and slow commits on mqreader's writes, and how much one poll may load.
#include <future>
#include <set>

#include "service/mqreader_fixture.hpp"

namespace prompted::test {
namespace {

/// Another reader's UPDATE of all rows, not committed yet.
class Update {
 public:
  explicit Update(const std::string& url) : connection_(url), transaction_(connection_) {
    transaction_.exec("UPDATE queue_messages SET updated_at = now()");
  }
  void commit() { transaction_.commit(); }

 private:
  pqxx::connection connection_;
  pqxx::work transaction_;
};

class MqreaderRaces : public MqreaderTest {
 protected:
  /// Waits until a statement of mqreader blocks on a row lock.
  void await_lock() const {
    ASSERT_TRUE(eventually([&] {
      return number(url,
                    "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = "
                    "current_database()") > 0;
    }));
  }
  std::future<Reply> ask_later(const std::string& path, const json& body) const {
    return std::async(std::launch::async, [to = daemon->url() + path, text = body.dump()] { return post(to, text); });
  }
};

TEST_F(MqreaderRaces, AnAckedRowThatIsUpdatedMeanwhileIsDeleted) {
  insert(3);
  start();
  const json granted = lease();
  Update update(url);
  auto acked = ask_later("/v1/ack", target(granted));
  await_lock();
  update.commit();
  EXPECT_EQ(acked.get().json()["acked"], 3);
  EXPECT_EQ(rows(), 0);
}

TEST_F(MqreaderRaces, ADyingRowThatIsUpdatedMeanwhileIsBuried) {
  insert(3);
  start();
  json body = target(lease());
  body.update({{"dead", true}, {"reason", "because"}});
  Update update(url);
  auto nacked = ask_later("/v1/nack", body);
  await_lock();
  update.commit();
  EXPECT_EQ(nacked.get().json()["dead"], 3);
  EXPECT_EQ(rows(), 0);
  EXPECT_EQ(number(url, "SELECT count(*) FROM dead_letters"), 3);
}

TEST_F(MqreaderRaces, AnExpiredRowThatIsUpdatedMeanwhileIsDeliveredAgain) {
  insert(3);
  start();
  Update update(url);
  EXPECT_EQ(lease(100, 1)["messages"].size(), 3u);
  await_lock();
  update.commit();
  for (const json& message : lease_all(3)) EXPECT_EQ(message["attempts"], 2);
  EXPECT_EQ(counter("prompted_mqreader_forgotten_total"), 0);
}

TEST_F(MqreaderRaces, ARepeatedAckWaitsForTheSameCommit) {
  insert(3);
  start();
  const json body = target(lease());
  Update update(url);
  auto first = ask_later("/v1/ack", body);
  await_lock();
  auto second = ask_later("/v1/ack", body);
  EXPECT_EQ(second.wait_for(1s), std::future_status::timeout);  // must wait for the first, not get 0 at once
  update.commit();
  EXPECT_EQ(first.get().json()["acked"], 3);
  // 0: this machine is so slow that the first was done before the second came.
  const int acked = second.get().json()["acked"];
  EXPECT_TRUE(acked == 3 || acked == 0) << acked;
  EXPECT_EQ(rows(), 0);
}

TEST_F(MqreaderRaces, ADeadNackIsAnsweredInTimeAndDoneAllTheSame) {
  insert(1);
  start();
  json body = target(lease());
  body.update({{"dead", true}, {"reason", "because"}});
  Update update(url);
  EXPECT_EQ(ask_later("/v1/nack", body).get().status, 503);
  auto again = ask_later("/v1/nack", body);  // waits for the first one's write
  update.commit();
  EXPECT_EQ(again.get().status, 200);
  EXPECT_TRUE(eventually([&] { return number(url, "SELECT count(*) FROM dead_letters") == 1; }));
  EXPECT_EQ(rows(), 0);
}

TEST_F(MqreaderRaces, ADeadLetterOfAnotherTopicIsKeptThoughTelemetryHasItsUuid) {
  insert(1, "alerts");
  sql(url,
      "INSERT INTO telemetry (uuid, gpu_id, metric_name, timestamp) SELECT msg_uuid, 'g', 'm', now() FROM "
      "queue_messages");
  start();
  json body = target(lease(1, 30, 10000, "alerts"), "alerts");
  body.update({{"dead", true}, {"reason", "because"}});
  EXPECT_EQ(ask("/v1/nack", body)["dead"], 1);
  EXPECT_EQ(number(url, "SELECT count(*) FROM dead_letters"), 1);
}

TEST_F(MqreaderRaces, LargeMessagesComeInPagesOfBytes) {
  constexpr int count = 60;
  sql(url,
      "INSERT INTO queue_messages (topic, msg_uuid, payload, partition_key) SELECT 'telemetry', gen_random_uuid(),"
      " jsonb_build_object('gpu_id', 'g', 'x', repeat('x', 200000)), g % 8 FROM generate_series(1, " +
          std::to_string(count) + ") g");
  start({{"READER_MEMORY_BYTES", "2MiB"}});
  std::set<std::string> seen;
  double most = 0;
  while (seen.size() < count) {
    const json granted = lease(3);
    most = std::max(most, counter("queue_bytes"));
    ASSERT_FALSE(granted["messages"].empty());
    for (const auto& message : granted["messages"]) EXPECT_TRUE(seen.insert(message["msg_uuid"]).second);
    EXPECT_EQ(ack(granted), static_cast<int>(granted["messages"].size()));
  }
  EXPECT_LT(most, 3.5 * 1024 * 1024);  // the limit, one page beyond it, and its last row; all are 12 MB
  EXPECT_EQ(rows(), 0);
}

}  // namespace
}  // namespace prompted::test
