// A silent PostgreSQL (network failure, vanished host) must not delay a daemon's exit, nor hold its connections for
// ever.
#include <gtest/gtest.h>

#include "support/daemon.hpp"
#include "support/http.hpp"
#include "support/postgres_cluster.hpp"
#include "support/wait.hpp"
#include "system/crash/gate.hpp"

namespace prompted::test::crash {
namespace {

using namespace std::chrono_literals;

class SilentPostgres : public testing::TestWithParam<const char*> {
 protected:
  SilentPostgres() : url_(PostgresCluster::shared().migrated_database()), gate_(house_, Traffic::postgres) {
    gate_.point_to(PostgresCluster::shared().port());
    environment_ = {{"DATABASE_URL", "postgres://prompted:prompted@127.0.0.1:" + std::to_string(gate_.port()) +
                                         url_.substr(url_.rfind('/')) + "&gssencmode=disable"},
                    {"MQ_BASE_URL", "http://127.0.0.1:1"},
                    {"READER_LEASE_TTL", "2s"},
                    {"DB_POOL_SIZE", "1"},
                    {"SHUTDOWN_GRACE", "4s"}};
  }
  /// The collector can be unready for other reasons.
  bool has_postgres(const Daemon& daemon) {
    const Reply response = get(daemon.url() + "/readyz");
    return response.status == 200 || response.body.find(R"("postgres":"ok")") != std::string::npos;
  }

  std::string url_;
  GateHouse house_;
  Gate gate_;
  Environment environment_;
};

TEST_P(SilentPostgres, DoesNotHoldUpSigtermOfAConnectedDaemon) {
  Daemon daemon(GetParam(), environment_);
  ASSERT_TRUE(eventually([&] { return has_postgres(daemon); }));
  gate_.stall(true);
  EXPECT_EQ(daemon.stop(), 0);  // while PostgreSQL is still silent
}

TEST_P(SilentPostgres, DoesNotHoldUpSigtermWhileConnecting) {
  gate_.stall(true);
  Daemon daemon(GetParam(), environment_);
  EXPECT_EQ(daemon.stop(), 0);  // while PostgreSQL is still silent
}

TEST_P(SilentPostgres, DoesNotHoldUpSigtermAfterTheLogIn) {
  gate_.mute(true);
  Daemon daemon(GetParam(), environment_);
  ASSERT_TRUE(eventually([&] { return gate_.waiting() > 0; }));
  EXPECT_EQ(daemon.stop(), 0);  // while PostgreSQL is still silent
}

TEST_P(SilentPostgres, AfterTheLogInIsGivenUpForANewConnection) {
  gate_.mute(true);
  Daemon daemon(GetParam(), environment_);
  ASSERT_TRUE(eventually([&] { return gate_.waiting() > 0; }));
  gate_.mute(false);  // new connections are served
  EXPECT_TRUE(eventually([&] { return has_postgres(daemon); }, 60s));
}

INSTANTIATE_TEST_SUITE_P(Daemons, SilentPostgres, testing::Values("mqwriter", "mqreader", "collector", "apigw"));

}  // namespace
}  // namespace prompted::test::crash
