// The fixture's guarantees, on which every other test with a database relies.
#include "support/postgres_cluster.hpp"

#include <gtest/gtest.h>

#include "support/daemon.hpp"
#include "support/wait.hpp"

using namespace prompted::test;

namespace {

long count(const std::string& url, const std::string& table) {
  pqxx::connection connection(url);
  pqxx::nontransaction work(connection);
  return work.exec("SELECT count(*) FROM " + table)[0][0].as<long>();
}

void run(const std::string& url, const std::string& statement) {
  pqxx::connection connection(url);
  pqxx::nontransaction work(connection);
  work.exec(statement);
}

const char* const one_message =
    "INSERT INTO queue_messages (topic, msg_uuid, payload, partition_key) VALUES ('telemetry', gen_random_uuid(), "
    "'{}', 7)";

}  // namespace

TEST(PostgresCluster, GivesEachTestItsOwnMigratedDatabase) {
  const std::string first = PostgresCluster::shared().migrated_database();
  const std::string second = PostgresCluster::shared().migrated_database();
  run(first, one_message);
  EXPECT_EQ(count(first, "queue_messages"), 1);
  EXPECT_EQ(count(second, "queue_messages"), 0);
}

TEST(PostgresCluster, AnEmptyDatabaseHasNoTables) {
  EXPECT_EQ(count(PostgresCluster::shared().empty_database(), "pg_tables WHERE schemaname = 'public'"), 0);
}

TEST(PostgresCluster, CommittedRowsSurviveAKillAndUnloggedOnesDoNot) {
  PostgresCluster cluster({.fsync = false, .extra_conf = "log_min_duration_statement = 0"});
  const std::string url = cluster.migrated_database();
  run(url, one_message);
  run(url, "INSERT INTO queue_incarnation VALUES (1, gen_random_uuid())");
  cluster.kill();
  EXPECT_THROW(count(url, "queue_messages"), pqxx::broken_connection);
  cluster.start();
  EXPECT_EQ(count(url, "queue_messages"), 1);
  EXPECT_EQ(count(url, "queue_incarnation"), 0);
}

TEST(PostgresCluster, StopsImmediatelyAndStartsAtTheSamePort) {
  PostgresCluster cluster;
  const std::string url = cluster.migrated_database();
  const auto port = cluster.port();
  cluster.stop_immediate();
  EXPECT_THROW(cluster.freeze(), std::runtime_error);
  cluster.start();
  EXPECT_EQ(cluster.port(), port);
  EXPECT_EQ(count(url, "queue_messages"), 0);
}

TEST(PostgresCluster, AFrozenServerAnswersAgainWhenItThaws) {
  PostgresCluster cluster;
  const std::string url = cluster.migrated_database();
  cluster.freeze();
  cluster.thaw();
  EXPECT_EQ(count(url, "queue_messages"), 0);
}

TEST(RunProgram, ReturnsExitCodeAndBothStreams) {
  const Finished finished = run_program({"sh", "-c", "echo out $WORD; echo err >&2; exit 3"}, {{"WORD", "word"}});
  EXPECT_EQ(finished.exit_code, 3);
  EXPECT_EQ(finished.output, "out word\nerr\n");
}
