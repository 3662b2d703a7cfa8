#pragma once
// A private PostgreSQL for tests: its own data directory and free port on loopback, run as another user when we are root.
#include <cstdint>
#include <filesystem>
#include <memory>
#include <pqxx/pqxx>
#include <string>

namespace prompted::test {

class PostgresCluster {
 public:
  /// Started at first use in this process, stopped and removed at exit. fsync is off: crash tests make their own cluster.
  static PostgresCluster& shared();

  struct Options {
    bool fsync = false;
    std::string extra_conf;  ///< lines of postgresql.conf
  };
  PostgresCluster();
  explicit PostgresCluster(const Options& options);
  ~PostgresCluster();

  /// A new database in which all migrations ran (copied from a template, so it takes milliseconds); its URL.
  std::string migrated_database();
  /// A new empty database; its URL.
  std::string empty_database();
  /// postgres://prompted:prompted@127.0.0.1:<port>/<database>?sslmode=disable
  std::string url(const std::string& database) const;
  std::uint16_t port() const;

  void stop_immediate();  ///< pg_ctl stop -m immediate: crash recovery follows
  void kill();            ///< SIGKILL to the postmaster and its children
  void freeze();          ///< SIGSTOP to postmaster and children
  void thaw();
  void start();  ///< after stop_immediate() or kill(); waits until it answers

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace prompted::test
