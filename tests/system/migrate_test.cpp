// deploy/host/migrate.sh by psql alone. Beside golang-migrate's CLI: tests/system/migrate_cli.
#include <gtest/gtest.h>

#include <future>
#include <pqxx/pqxx>

#include "support/migrations.hpp"
#include "support/wait.hpp"

using namespace prompted::test;
using enum MigrateWith;

namespace {
constexpr int newest = 11;
const std::string newest_clean = std::to_string(newest) + "|f";
}  // namespace

TEST(Migrate, EachWayBackRestoresExactlyWhatWasThere) {
  Migrations migrations;
  std::vector<std::string> before;
  for (int version = 1; version <= newest; ++version) {
    before.push_back(migrations.schema());
    migrations.must(psql, "up 1");
    ASSERT_EQ(migrations.version(), std::to_string(version) + "|f");
    ASSERT_NE(migrations.schema(), before.back());
  }
  EXPECT_EQ(migrations.run(psql, "up").output, "no change\n");
  for (int version = newest; version >= 1; --version) {
    migrations.must(psql, "down");
    EXPECT_EQ(migrations.schema(), before.back()) << "after the way back from " << version;
    before.pop_back();
  }
  EXPECT_EQ(migrations.version(), "");
}

TEST(Migrate, ADsnOfPgxIsUnderstood) {
  Migrations migrations;
  const std::string more = "search_path=public&timezone=Asia/Tokyo&pool_max_conns=4&default_query_exec_mode=exec";
  const Environment own{
      {"DATABASE_URL", migrations.url() + (migrations.url().find('?') == std::string::npos ? "?" : "&") + more},
      {"MIGRATE_WITH", "psql"}};
  const Finished up = run_program({source_path("deploy/host/migrate.sh"), "up"}, own);
  EXPECT_EQ(up.exit_code, 0) << up.output;
  EXPECT_EQ(migrations.version(), newest_clean);
  EXPECT_EQ(run_program({source_path("deploy/host/migrate.sh"), "up"}, own).output, "no change\n");
  const Finished repartitioned = run_program({source_path("deploy/host/partitions.sh"), "16"}, own);
  EXPECT_EQ(repartitioned.exit_code, 0) << repartitioned.output;
  Environment misspelt = own;
  misspelt["DATABASE_URL"] += "&sslmod=require";
  const Finished refused = run_program({source_path("deploy/host/migrate.sh"), "up"}, misspelt);
  EXPECT_NE(refused.exit_code, 0);
  EXPECT_NE(refused.output.find("sslmod"), std::string::npos) << refused.output;
}

TEST(Migrate, AFailingMigrationLeavesDirtyAndIsRefusedUntilForced) {
  Migrations migrations;
  migrations.must(psql, "up");
  migrations.add_file("000012_bad.up.sql", "CREATE TABLE half (a int);\nSELECT 1 / 0;\n");
  migrations.add_file("000012_bad.down.sql", "DROP TABLE half;\n");
  const std::string before = migrations.schema();

  const Finished failed = migrations.run(psql, "up");
  EXPECT_EQ(failed.exit_code, 1);
  EXPECT_NE(failed.output.find("division by zero"), std::string::npos) << failed.output;
  EXPECT_EQ(migrations.version(), "12|t");
  EXPECT_EQ(migrations.schema(), before) << "the file is one transaction";
  for (const char* command : {"up", "down"}) {
    const Finished refused = migrations.run(psql, command);
    EXPECT_EQ(refused.exit_code, 1);
    EXPECT_EQ(refused.output, "error: Dirty database version 12. Fix and force version.\n");
  }
  migrations.must(psql, "force " + std::to_string(newest));
  migrations.add_file("000012_bad.up.sql", "CREATE TABLE half (a int);\n");
  migrations.must(psql, "up");
  EXPECT_EQ(migrations.version(), "12|f");
  migrations.must(psql, "down");
  EXPECT_EQ(migrations.version(), newest_clean);
}

TEST(Migrate, TheSecondOfTwoAtOnceWaitsAndFindsNothingToDo) {
  Migrations migrations;
  migrations.must(psql, "up");
  migrations.add_file("000012_slow.up.sql", "CREATE TABLE gate (a int); SELECT pg_advisory_xact_lock(4711);\n");
  pqxx::connection blocker(migrations.url());
  pqxx::work lock(blocker);
  lock.exec("SELECT pg_advisory_xact_lock(4711)");
  auto first = std::async(std::launch::async, [&] { return migrations.run(psql, "up"); });
  ASSERT_TRUE(eventually([&] { return migrations.waiting_for_locks() == 1; }));
  auto second = std::async(std::launch::async, [&] { return migrations.run(psql, "up"); });
  EXPECT_TRUE(eventually([&] { return migrations.waiting_for_locks() == 2; }));
  lock.commit();
  EXPECT_EQ(first.get().exit_code, 0);
  EXPECT_EQ(second.get().output, "no change\n");
  EXPECT_EQ(migrations.version(), "12|f");
}

TEST(Migrate, CreateMakesTheNextPair) {
  Migrations migrations;
  migrations.must(psql, "create add_foo");
  EXPECT_EQ(migrations.run(psql, "up").exit_code, 0) << "empty files are migrations too";
  EXPECT_EQ(migrations.version(), "12|f");
  migrations.must(psql, "down");
  EXPECT_EQ(migrations.version(), newest_clean);
  const Finished nameless = migrations.run(psql, "create");
  EXPECT_EQ(nameless.exit_code, 1);
  EXPECT_NE(nameless.output.find("NAME=add_foo"), std::string::npos) << nameless.output;
}

TEST(Migrate, AnUnreachableDatabaseIsOneClearError) {
  const Finished finished = run_program(
      {source_path("deploy/host/migrate.sh"), "up"},
      {{"DATABASE_URL", "postgres://prompted:hidden@127.0.0.1:1/none?sslmode=disable"}, {"MIGRATE_WITH", "psql"}});
  EXPECT_EQ(finished.exit_code, 1);
  EXPECT_NE(finished.output.find("error: the database cannot be reached"), std::string::npos) << finished.output;
  EXPECT_EQ(finished.output.find("hidden"), std::string::npos);
}
