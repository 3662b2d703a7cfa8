// migrate.sh and golang-migrate's CLI on one database: either can continue after the other (make test-migrate-cli).
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

TEST(MigrateCli, ScriptAndCliMakeTheSameSchema) {
  Migrations ours;
  Migrations theirs;
  ours.must(psql, "up");
  theirs.must(cli, "up");
  EXPECT_EQ(ours.schema(), theirs.schema());
  EXPECT_EQ(ours.version(), theirs.version());
  const char* table =
      "SELECT column_name, data_type, is_nullable FROM information_schema.columns WHERE table_name = "
      "'schema_migrations'";
  EXPECT_EQ(ours.sql(table), theirs.sql(table));
}

TEST(MigrateCli, ScriptAndCliTakeTurns) {
  Migrations migrations;
  MigrateWith with = psql;
  const auto other = [&] { return with = with == psql ? cli : psql; };
  for (int version = 1; version <= newest; ++version) {
    migrations.must(other(), "up 1");
    EXPECT_EQ(migrations.version(), std::to_string(version) + "|f");
  }
  for (const auto each : {psql, cli}) EXPECT_EQ(migrations.run(each, "up").output, "no change\n");
  for (const auto each : {psql, cli}) EXPECT_EQ(migrations.run(each, "version").output, std::to_string(newest) + "\n");
  for (int version = newest - 1; version >= 0; --version) {
    migrations.must(other(), "down");
    EXPECT_EQ(migrations.version(), version > 0 ? std::to_string(version) + "|f" : "");
  }
  for (const auto each : {psql, cli}) {
    EXPECT_EQ(migrations.run(each, "version").output, "error: no migration\n");
    const Finished below = migrations.run(each, "down");
    EXPECT_EQ(below.exit_code, 1);
    EXPECT_EQ(below.output, "error: file does not exist\n");
  }
  migrations.must(psql, "up");
  EXPECT_EQ(migrations.version(), newest_clean);
}

class DirtyMigrateCli : public testing::TestWithParam<MigrateWith> {};

TEST_P(DirtyMigrateCli, AFailingMigrationLeavesDirtyAndBothRefuseUntilForced) {
  const MigrateWith with = GetParam();
  const MigrateWith other = with == psql ? cli : psql;
  Migrations migrations;
  migrations.must(other, "up");
  migrations.add_file("000012_bad.up.sql", "CREATE TABLE half (a int);\nSELECT 1 / 0;\n");
  migrations.add_file("000012_bad.down.sql", "DROP TABLE half;\n");
  const std::string before = migrations.schema();

  const Finished failed = migrations.run(with, "up");
  EXPECT_EQ(failed.exit_code, 1);
  EXPECT_NE(failed.output.find("division by zero"), std::string::npos) << failed.output;
  EXPECT_EQ(migrations.version(), "12|t");
  EXPECT_EQ(migrations.schema(), before) << "the file is one transaction";

  for (const auto each : {psql, cli}) {
    for (const char* command : {"up", "down"}) {
      const Finished refused = migrations.run(each, command);
      EXPECT_EQ(refused.exit_code, 1);
      EXPECT_EQ(refused.output, "error: Dirty database version 12. Fix and force version.\n");
    }
    EXPECT_EQ(migrations.run(each, "version").output, "12 (dirty)\n");
  }
  migrations.must(other, "force " + std::to_string(newest));
  EXPECT_EQ(migrations.version(), newest_clean);
  migrations.add_file("000012_bad.up.sql", "CREATE TABLE half (a int);\n");
  migrations.must(with, "up");
  EXPECT_EQ(migrations.version(), "12|f");
  migrations.must(other, "down");
  EXPECT_EQ(migrations.version(), newest_clean);
}

TEST_P(DirtyMigrateCli, TheFirstWayBackFailingIsNotForgotten) {
  const MigrateWith with = GetParam();
  Migrations migrations;
  migrations.must(with, "up 1");
  migrations.add_file("000001_init.down.sql", "SELECT 1 / 0;\n");
  EXPECT_EQ(migrations.run(with, "down").exit_code, 1);
  EXPECT_EQ(migrations.version(), "-1|t");
  for (const auto each : {psql, cli}) {
    EXPECT_EQ(migrations.run(each, "up").output, "error: Dirty database version -1. Fix and force version.\n");
  }
  migrations.must(with, "force 1");
  EXPECT_EQ(migrations.version(), "1|f");
}

INSTANTIATE_TEST_SUITE_P(By, DirtyMigrateCli, testing::Values(psql, cli), [](const auto& info) {
  return info.param == psql ? std::string("script") : std::string("cli");
});

TEST(MigrateCli, ScriptAndCliWaitForEachOthersLock) {
  for (const auto holder : {psql, cli}) {
    const MigrateWith waiter = holder == psql ? cli : psql;
    Migrations migrations;
    migrations.must(psql, "up");
    migrations.add_file("000012_slow.up.sql", "CREATE TABLE gate (a int); SELECT pg_advisory_xact_lock(4711);\n");
    migrations.add_file("000012_slow.down.sql", "DROP TABLE gate;\n");
    pqxx::connection blocker(migrations.url());
    pqxx::work lock(blocker);
    lock.exec("SELECT pg_advisory_xact_lock(4711)");  // 000010 waits for this lock while holding golang-migrate's

    auto first = std::async(std::launch::async, [&] { return migrations.run(holder, "up"); });
    const auto waiting = [&](long count) {
      return eventually([&] { return migrations.waiting_for_locks() == count; });
    };
    ASSERT_TRUE(waiting(1)) << "the first one waits for this test";
    auto second = std::async(std::launch::async, [&] { return migrations.run(waiter, "up"); });
    EXPECT_TRUE(waiting(2)) << "the second one waits for the first";
    lock.commit();
    const Finished one = first.get();
    const Finished two = second.get();
    EXPECT_EQ(one.exit_code, 0) << one.output;
    EXPECT_EQ(two.exit_code, 0) << two.output;
    EXPECT_EQ(two.output, "no change\n");
    EXPECT_EQ(migrations.version(), "12|f");
  }
}

TEST(MigrateCli, CreateMakesTheNextPair) {
  for (const auto with : {psql, cli}) {
    Migrations migrations;
    migrations.must(with, "create add_foo");
    EXPECT_EQ(migrations.run(psql, "up").exit_code, 0) << "empty files are migrations too";
    EXPECT_EQ(migrations.version(), "12|f");
    migrations.must(cli, "down");
    EXPECT_EQ(migrations.version(), newest_clean);
    const Finished nameless = migrations.run(with, "create");
    EXPECT_EQ(nameless.exit_code, 1);
    EXPECT_NE(nameless.output.find("NAME=add_foo"), std::string::npos) << nameless.output;
  }
}
