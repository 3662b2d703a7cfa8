#include "postgres/listener.hpp"

#include <pqxx/pqxx>

#include "support/postgres_cluster.hpp"
#include "unit/postgres/owner_loop.hpp"

namespace prompted::pg {
namespace {

using test::PostgresCluster;

class ListenerTest : public testing::Test {
 protected:
  void listen(const std::string& to) {
    url = to;
    listener = std::make_unique<Listener>(owner.context(), url, "prompted_test", [this] { ++hints; });
  }
  bool connected_with(int n) {
    return owner.until([this, n] { return listener->connected() && hints >= n; });
  }
  void sql(const std::string& text) {
    pqxx::connection connection(url);
    pqxx::nontransaction(connection).exec(text);
  }

  OwnerLoop owner;
  int hints = 0;
  std::string url;
  std::unique_ptr<Listener> listener;
};

TEST_F(ListenerTest, HintsAfterConnectingAndAfterEachNotification) {
  listen(PostgresCluster::shared().empty_database());
  ASSERT_TRUE(connected_with(1));
  EXPECT_EQ(hints, 1);
  sql("NOTIFY prompted_test, 'anything'");
  ASSERT_TRUE(connected_with(2));
  sql("NOTIFY another_channel");
  sql("NOTIFY prompted_test");
  ASSERT_TRUE(connected_with(3));
  EXPECT_EQ(hints, 3);
}

TEST_F(ListenerTest, ComesBackByItselfAndHintsThen) {
  listen(PostgresCluster::shared().empty_database());
  ASSERT_TRUE(connected_with(1));
  sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'prompted-listener' AND datname "
      "= current_database()");
  ASSERT_TRUE(connected_with(2));  // notifications sent meanwhile are lost, so the caller must poll
  sql("NOTIFY prompted_test");
  ASSERT_TRUE(connected_with(3));
}

TEST_F(ListenerTest, WaitsForAServerThatIsDown) {
  PostgresCluster cluster;
  listen(cluster.empty_database());
  ASSERT_TRUE(connected_with(1));
  cluster.stop_immediate();
  ASSERT_TRUE(owner.until([&] { return !listener->connected(); }));
  cluster.start();
  ASSERT_TRUE(connected_with(2));
  sql("NOTIFY prompted_test");
  ASSERT_TRUE(connected_with(3));
}

TEST_F(ListenerTest, EndsWhereverItStands) {
  for (const char* nowhere : {"postgres://127.0.0.1:1/none", "no dsn at all"}) {
    listen(nowhere);
    owner.context().poll();
    EXPECT_FALSE(listener->connected());
    listener.reset();
    owner.context().restart();
  }
  EXPECT_EQ(hints, 0);
}

}  // namespace
}  // namespace prompted::pg
