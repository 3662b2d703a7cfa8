#pragma once
// A private PostgreSQL server for tests: its own data directory and a free loopback port. Runs as another user when the
// test runs as root.
#include <cstdint>
#include <filesystem>
#include <memory>
#include <pqxx/pqxx>
#include <string>

namespace prompted::test {

class PostgresCluster {
 public:
  /// The process's shared cluster, started on first use, stopped and removed at exit. fsync is off, so crash tests
  /// create their own cluster.
  static PostgresCluster& shared();

  struct Options {
    bool fsync = false;
    std::string extra_conf;  ///< lines of postgresql.conf
  };
  PostgresCluster();
  explicit PostgresCluster(const Options& options);
  ~PostgresCluster();

  /// Creates a fully migrated database (copied from a template, in milliseconds); returns its URL.
  std::string migrated_database();
  /// Creates an empty database; returns its URL.
  std::string empty_database();
  /// postgres://prompted:prompted@127.0.0.1:<port>/<database>?sslmode=disable
  std::string url(const std::string& database) const;
  std::uint16_t port() const;

  void stop_immediate();  ///< pg_ctl stop -m immediate: crash recovery follows
  void kill();            ///< SIGKILL to the postmaster and its children
  void freeze();          ///< SIGSTOP to postmaster and children
  void thaw();
  void start();  ///< after stop_immediate() or kill(); waits until it accepts connections

  /// A hot standby (pg_basebackup of this primary, in its own directory) that streams from 127.0.0.1:`through`: this
  /// primary's port, or that of a gate in front of it. It serves reads on return.
  std::unique_ptr<PostgresCluster> make_standby(std::uint16_t through) const;
  /// A standby's name in pg_stat_replication and synchronous_standby_names.
  static constexpr const char* standby_name = "standby";
  /// "streaming async", "streaming sync", "catchup async"…; "" without a standby.
  std::string replication() const;
  /// Takes effect for every commit that begins after the return. "" means none.
  void set_synchronous_standby_names(const std::string& names);
  /// Promotes this standby; waits until it accepts writes.
  void promote();
  bool in_recovery() const;

 private:
  struct Impl;
  explicit PostgresCluster(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace prompted::test
