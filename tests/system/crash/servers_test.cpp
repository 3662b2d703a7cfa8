// A promotion loses what the standby had not received, unless replication is synchronous, and both kinds of members
// reach the new primary.
#include "system/crash/servers.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "support/wait.hpp"
#include "system/crash/fleet.hpp"

namespace prompted::test::crash {
namespace {

using namespace std::chrono_literals;

void insert(const std::string& url) {
  pqxx::connection connection(url);
  pqxx::nontransaction work(connection);
  work.exec(
      "INSERT INTO queue_messages (topic, msg_uuid, payload, partition_key) VALUES ('t', gen_random_uuid(), '{}', 1)");
}

int rows(const std::string& url) {
  pqxx::connection connection(url);
  return pqxx::nontransaction(connection).exec("SELECT count(*) FROM queue_messages")[0][0].as<int>();
}

class ServersTest : public testing::TestWithParam<Replication> {
 protected:
  GateHouse house_;
  Servers servers_{house_, GetParam(), false};  // fsync off: processes are killed here, not machines
  Member proxy_{"mqwriter", 0, house_, "/tmp"};
  Member two_hosts_{"mqwriter", 1, house_, "/tmp"};

  void follow() {
    proxy_.follow(servers_);
    two_hosts_.follow(servers_);
  }
  std::string through_proxy() { return proxy_.database_url(servers_.database()); }
  std::string through_two_hosts() { return two_hosts_.database_url(servers_.database()); }
};

TEST_P(ServersTest, BothKindsOfMembersReachWhoeverIsThePrimary) {
  follow();
  EXPECT_EQ(through_proxy().find(','), std::string::npos);
  EXPECT_NE(through_two_hosts().find(','), std::string::npos);
  int inserted = 0;
  for (int promotions = 0; promotions < 2; ++promotions) {
    const auto old_primary = servers_.primary_slot();
    insert(through_proxy());
    insert(through_two_hosts());  // skips the read-only standby if it is listed first
    inserted += 2;
    ASSERT_TRUE(eventually([&] { return servers_.has_standby(); }));
    ASSERT_TRUE(eventually([&] {  // asynchronous replication is behind, if only by moments
      pqxx::connection standby("postgres://prompted@127.0.0.1:" + std::to_string(*servers_.port(1 - old_primary)) +
                               "/" + servers_.database());
      return pqxx::nontransaction(standby).exec("SELECT count(*) FROM queue_messages")[0][0].as<int>() == inserted;
    }));
    servers_.promote();
    follow();
    EXPECT_NE(servers_.primary_slot(), old_primary);
    EXPECT_FALSE(servers_.port(old_primary));
    EXPECT_FALSE(servers_.has_standby());
    insert(through_proxy());  // commits do not wait for a missing standby
    insert(through_two_hosts());
    inserted += 2;
    EXPECT_EQ(rows(servers_.url()), inserted);
    servers_.rebuild_standby();
    follow();
    EXPECT_TRUE(servers_.has_standby());
  }
}

TEST_P(ServersTest, APromotionLosesWhatWasOnItsWayUnlessReplicationIsSynchronous) {
  insert(servers_.url());
  // The second insert is synchronous, so the standby has both rows.
  servers_.primary().set_synchronous_standby_names(PostgresCluster::standby_name);
  insert(servers_.url());
  if (GetParam() == Replication::async) servers_.primary().set_synchronous_standby_names("");
  servers_.stall_replication();
  std::atomic<bool> responded{false};
  std::jthread commit([&, url = servers_.url()] {
    try {
      insert(url);
      responded = true;
    } catch (const pqxx::failure&) {
      responded = false;
    }
  });
  if (GetParam() == Replication::async) {
    EXPECT_TRUE(eventually([&] { return responded.load(); }));
  } else {
    EXPECT_TRUE(eventually([&] {
      pqxx::connection connection(servers_.url());
      return pqxx::nontransaction(connection)
                 .exec("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'")[0][0]
                 .as<int>() == 1;
    }));
  }
  servers_.promote();
  commit.join();
  EXPECT_EQ(responded, GetParam() == Replication::async);
  EXPECT_EQ(rows(servers_.url()), 2);
}

TEST_P(ServersTest, AStandbyComesBackToAPrimaryThatStartsAgain) {
  servers_.primary().kill();
  servers_.primary().start();
  EXPECT_TRUE(eventually([&] { return servers_.has_standby(); }, 60s));
  insert(servers_.url());
}

INSTANTIATE_TEST_SUITE_P(Replications, ServersTest, testing::Values(Replication::async, Replication::sync),
                         [](const auto& info) { return info.param == Replication::sync ? "sync" : "async"; });

}  // namespace
}  // namespace prompted::test::crash
