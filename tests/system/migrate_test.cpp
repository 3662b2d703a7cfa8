// deploy/host/migrate.sh with psql alone. Together with golang-migrate's CLI: tests/system/migrate_cli.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <future>
#include <pqxx/pqxx>

#include "support/migrations.hpp"
#include "support/postgres_cluster.hpp"
#include "support/wait.hpp"

using namespace prompted::test;
using enum MigrateWith;

namespace {
constexpr int newest = 11;
const std::string newest_clean = std::to_string(newest) + "|f";

/// Wrappers of psql and migrate in a directory for PATH that record their arguments. psql then runs as usual.
class Recorder {
 public:
  Recorder() {
    std::string name = std::filesystem::temp_directory_path() / "prompted-recorder-XXXXXX";
    if (!::mkdtemp(name.data())) throw std::runtime_error("mkdtemp failed");
    directory_ = name;
    std::string real = run_program({"sh", "-c", "command -v psql"}).output;
    real.pop_back();
    program("psql", "exec " + real + " \"$@\"");
    program("migrate", "");
  }
  ~Recorder() { std::filesystem::remove_all(directory_); }
  Recorder(const Recorder&) = delete;

  std::string path() const { return directory_.string() + ":" + ::getenv("PATH"); }
  std::string arguments(const std::string& program) const { return text(program + ".arguments"); }
  std::string passwords(const std::string& program) const { return text(program + ".passwords"); }

 private:
  void program(const std::string& name, const std::string& then) const {
    const std::string file = directory_ / name;
    std::ofstream(file) << "#!/bin/sh\nprintf '%s\\n' \"$*\" >> " << file
                        << ".arguments\nprintf '%s\\n' \"$PGPASSWORD\" >> " << file << ".passwords\n"
                        << then << "\n";
    std::filesystem::permissions(file, std::filesystem::perms(0755));
  }
  std::string text(const std::string& name) const {
    std::ifstream file(directory_ / name);
    return std::string(std::istreambuf_iterator<char>(file), {});
  }
  std::filesystem::path directory_;
};

/// The database of `migrations` as another kind of DSN, or with another password, which the server does not request.
std::string dsn(const Migrations& migrations, const std::string& password) {
  std::string url = migrations.url();
  return url.replace(url.find(":prompted@") + 1, std::string("prompted").size(), password);
}
std::string words(const Migrations& migrations, const std::string& password) {
  const std::string& url = migrations.url();
  const auto begin = url.rfind('/') + 1;
  return "host=127.0.0.1 user=prompted password = '" + password +
         "' port=" + std::to_string(PostgresCluster::shared().port()) +
         " dbname=" + url.substr(begin, url.find('?') - begin);
}
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
  EXPECT_NE(finished.output.find("error: cannot reach the database"), std::string::npos) << finished.output;
  EXPECT_EQ(finished.output.find("hidden"), std::string::npos);
}

TEST(Migrate, ADatabaseOfAnotherSystemIsRefusedUntouched) {
  struct {
    const char* change;
    const char* reason;
  } const foreign[] = {
      {"ALTER TABLE telemetry ADD COLUMN msg_uuid uuid; UPDATE schema_migrations SET version = 7",
       "version 7, and telemetry has the column msg_uuid"},
      {"UPDATE schema_migrations SET version = 7", "version 7, and there is no table queue_incarnation"},
      {"DROP TABLE schema_migrations; ALTER TABLE telemetry RENAME uuid TO msg_uuid",
       "version none, and telemetry has the column msg_uuid"}};
  for (const auto& [change, reason] : foreign) {
    Migrations migrations;
    migrations.must(psql, "up 3");
    migrations.sql(change);
    const std::string before = migrations.schema();
    const std::string there = "SELECT to_regclass('schema_migrations') IS NOT NULL";
    const std::string table = migrations.sql(there);
    const std::string version = table == "t" ? migrations.version() : "";
    const Recorder recorder;
    for (const char* with : {"psql", "cli"}) {
      for (const char* command : {"up", "down"}) {
        const Finished refused =
            run_program({source_path("deploy/host/migrate.sh"), command},
                        {{"DATABASE_URL", migrations.url()}, {"MIGRATE_WITH", with}, {"PATH", recorder.path()}});
        EXPECT_EQ(refused.exit_code, 1) << refused.output;
        EXPECT_EQ(refused.output, "error: this database is another system's: " + std::string(reason) +
                                      ". Nothing was changed. Use an empty database, or one of the earlier system at "
                                      "version 3\n");
      }
    }
    EXPECT_EQ(recorder.arguments("migrate"), "") << "golang-migrate's CLI would mark it dirty";
    EXPECT_EQ(migrations.schema(), before);
    EXPECT_EQ(migrations.sql(there), table);
    if (table == "t") {
      EXPECT_EQ(migrations.version(), version);
    }
  }
}

/// golang-migrate's CLI bypasses migrate.sh's check, so the migration itself reports the problem and changes nothing.
TEST(Migrate, TheFileThatMeetsAnotherSystemsVersionSaysSo) {
  Migrations migrations;
  migrations.must(psql, "up 3");
  const std::string before = migrations.schema();
  const Finished failed = run_program({"psql", "-X", "-q", "-1", "-v", "ON_ERROR_STOP=1", "-d", migrations.url(), "-f",
                                       source_path("migrations/000008_autovacuum.up.sql")});
  EXPECT_NE(failed.exit_code, 0);
  EXPECT_NE(failed.output.find("this database is another system's: version 7, and there is no table queue_readers"),
            std::string::npos)
      << failed.output;
  EXPECT_EQ(migrations.schema(), before);
}

TEST(Migrate, NoPasswordIsAmongTheArgumentsOfAProgram) {
  Migrations migrations;
  const Recorder recorder;
  const auto run = [&](const std::string& script, const std::string& command, const std::string& with,
                       const std::string& database) {
    const Finished done = run_program({source_path("deploy/host/" + script), command},
                                      {{"DATABASE_URL", database}, {"MIGRATE_WITH", with}, {"PATH", recorder.path()}});
    EXPECT_EQ(done.exit_code, 0) << script << " " << command << "\n" << done.output;
  };
  const std::string url = dsn(migrations, "hid%2Fden%5C1");
  run("migrate.sh", "up", "psql", url);
  run("migrate.sh", "version", "psql", words(migrations, "hid/den\\\\1"));
  run("migrate.sh", "up", "cli", url);
  run("migrate.sh", "version", "cli", dsn(migrations, "").replace(url.find(":hid"), 1, "") + "&password=hid%2Fden%5C1");
  run("roles.sh", "", "", url);
  run("partitions.sh", "8", "", url);
  for (const std::string program : {"psql", "migrate"}) {
    const std::string arguments = recorder.arguments(program);
    EXPECT_NE(arguments.find("prompted@127.0.0.1"), std::string::npos) << arguments;
    EXPECT_EQ(arguments.find("hid"), std::string::npos) << arguments;
    std::istringstream passwords(recorder.passwords(program));
    for (std::string line; std::getline(passwords, line);) EXPECT_EQ(line, "hid/den\\1") << program;
  }
}
