#include "support/migrations.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <fstream>
#include <sstream>
#include <stdexcept>

#include "support/postgres_cluster.hpp"

namespace prompted::test {
namespace fs = std::filesystem;

Migrations::Migrations() : url_(PostgresCluster::shared().empty_database()) {
  std::string name = fs::temp_directory_path() / "prompted-migrations-XXXXXX";
  if (!::mkdtemp(name.data())) throw std::runtime_error("mkdtemp failed");
  directory_ = name;
  fs::copy(source_path("migrations"), directory_, fs::copy_options::recursive);
}

Migrations::~Migrations() {
  std::error_code ignored;
  fs::remove_all(directory_, ignored);
}

Finished Migrations::run(MigrateWith with, const std::string& arguments) const {
  if (with == MigrateWith::cli && run_program({"sh", "-c", "command -v migrate"}).exit_code != 0) {
    throw std::runtime_error("golang-migrate's CLI is not on PATH: make test-migrate-cli brings it");
  }
  Environment environment{{"DATABASE_URL", url_},
                          {"MIGRATIONS_PATH", directory_},
                          {"MIGRATE_WITH", with == MigrateWith::psql ? "psql" : "cli"}};
  std::vector<std::string> argv{source_path("deploy/host/migrate.sh")};
  std::istringstream words(arguments);
  for (std::string word; words >> word;) argv.push_back(word);
  return run_program(argv, environment);
}

void Migrations::must(MigrateWith with, const std::string& arguments) const {
  const Finished finished = run(with, arguments);
  EXPECT_EQ(finished.exit_code, 0) << "migrate.sh " << arguments << "\n" << finished.output;
}

void Migrations::add_file(const std::string& name, const std::string& sql) const {
  std::ofstream(directory_ / name) << sql;
}

std::string Migrations::sql(const std::string& query) const {
  const Finished finished = run_program({"psql", "-X", "-q", "-At", "-v", "ON_ERROR_STOP=1", "-d", url_, "-c", query});
  if (finished.exit_code != 0) throw std::runtime_error(finished.output);
  return finished.output.substr(0, finished.output.find_last_not_of('\n') + 1);
}

std::string Migrations::version() const { return sql("SELECT version, dirty FROM schema_migrations"); }

long Migrations::waiting_for_locks() const {
  return std::stol(
      sql("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted "
          "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"));
}

std::string Migrations::schema() const {
  const Finished finished =
      run_program({"pg_dump", "--schema-only", "--no-owner", "--exclude-table=schema_migrations", "-d", url_});
  if (finished.exit_code != 0) throw std::runtime_error(finished.output);
  std::string kept;
  std::istringstream lines(finished.output);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("\\")) kept += line + "\n";  // \restrict has a different token in every dump
  }
  return kept;
}

}  // namespace prompted::test
