#pragma once
// deploy/host/migrate.sh against a database of a test's own, by either of its two halves.
#include <filesystem>
#include <string>

#include "support/daemon.hpp"

namespace prompted::test {

enum class MigrateWith { psql, cli };

class Migrations {
 public:
  /// A new empty database and a copy of migrations/ that the test may add to.
  Migrations();
  ~Migrations();
  Migrations(const Migrations&) = delete;

  /// migrate.sh `arguments` ("up 3"); fails the test when golang-migrate's CLI is asked for and missing.
  Finished run(MigrateWith with, const std::string& arguments) const;
  /// The same, and it must succeed.
  void must(MigrateWith with, const std::string& arguments) const;

  void add_file(const std::string& name, const std::string& sql) const;
  std::string sql(const std::string& query) const;  ///< rows by line, columns by |
  std::string version() const;                      ///< "8|f", "" for none
  /// Sessions of the database that wait for an advisory lock.
  long waiting_for_locks() const;
  /// What pg_dump says of everything but schema_migrations.
  std::string schema() const;
  const std::string& url() const { return url_; }

 private:
  std::string url_;
  std::filesystem::path directory_;
};

}  // namespace prompted::test
