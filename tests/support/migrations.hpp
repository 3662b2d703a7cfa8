#pragma once
// Runs deploy/host/migrate.sh on a private database, with psql or golang-migrate's CLI.
#include <filesystem>
#include <string>

#include "support/daemon.hpp"

namespace prompted::test {

enum class MigrateWith { psql, cli };

class Migrations {
 public:
  /// Creates an empty database and a copy of migrations/ that the test may extend.
  Migrations();
  ~Migrations();
  Migrations(const Migrations&) = delete;

  /// Runs migrate.sh with `arguments` ("up 3"). Fails the test when golang-migrate's CLI is requested but missing.
  Finished run(MigrateWith with, const std::string& arguments) const;
  /// Like the above, but fails the test unless it succeeds.
  void must(MigrateWith with, const std::string& arguments) const;

  void add_file(const std::string& name, const std::string& sql) const;
  std::string sql(const std::string& query) const;  ///< rows by line, columns by |
  std::string version() const;                      ///< "8|f", "" for none
  /// Sessions of the database that wait for an advisory lock.
  long waiting_for_locks() const;
  /// The schema from pg_dump, without schema_migrations.
  std::string schema() const;
  const std::string& url() const { return url_; }

 private:
  std::string url_;
  std::filesystem::path directory_;
};

}  // namespace prompted::test
