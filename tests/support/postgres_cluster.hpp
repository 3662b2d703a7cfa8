#pragma once
// A private PostgreSQL for tests: its own data directory and free port on loopback, run as another user when we are
// root.
#include <cstdint>
#include <filesystem>
#include <memory>
#include <pqxx/pqxx>
#include <string>

namespace prompted::test {

class PostgresCluster {
 public:
  /// Started at first use in this process, stopped and removed at exit. fsync is off: crash tests make their own
  /// cluster.
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

  /// A hot standby (pg_basebackup of this primary, in a home of its own) that streams from 127.0.0.1:`through`: this
  /// primary's port, or that of a gate before it. It answers reads on return.
  std::unique_ptr<PostgresCluster> make_standby(std::uint16_t through) const;
  /// What a standby is called in pg_stat_replication and in synchronous_standby_names.
  static constexpr const char* standby_name = "standby";
  /// "streaming async", "streaming sync", "catchup async"…; "" without a standby.
  std::string replication() const;
  /// Every commit that begins after the return obeys it. "" for none.
  void set_synchronous_standby_names(const std::string& names);
  /// Makes a primary of this standby; waits until it takes writes.
  void promote();
  bool in_recovery() const;

 private:
  struct Impl;
  explicit PostgresCluster(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace prompted::test
