#pragma once
// The daemons under test, each behind gates whose ports stay the same while the daemon dies and restarts.
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "support/daemon.hpp"
#include "system/crash/gate.hpp"
#include "system/crash/servers.hpp"

namespace prompted::test::crash {

struct FleetSettings {
  int writers = 2;
  int readers = 3;
  int collectors = 3;
  /// If true, readers share all partitions; otherwise each reader has its own range.
  bool shared_ownership = true;
  int partitions = 256;
  std::string log_directory;  ///< receives the output of exited daemons
};

/// A slot for one daemon, across restarts. Call it only from the thread that created it, because a daemon dies with the
/// thread that launched it.
class Member {
 public:
  Member(std::string service, int index, GateHouse& house, std::string log_directory);

  std::string name() const { return service_ + " " + std::to_string(index_ + 1); }
  const std::string& service() const { return service_; }
  /// The gate to the primary.
  Gate& postgres() { return *postgres_[postgres_.size() == 1 ? 0 : primary_slot_]; }
  const std::vector<std::unique_ptr<Gate>>& postgres_gates() const { return postgres_; }
  std::string database_url(const std::string& database) const;
  /// Points its gates to the servers' current ports. Open connections stay open.
  void follow(const Servers& servers);
  void stall_postgres(bool on);
  void hold_postgres(bool on);
  void delay_postgres(std::chrono::milliseconds pause);
  std::size_t waiting_for_postgres() const;
  /// Adds a gate in front of the daemon's own port.
  Gate& add_front(GateHouse& house);
  const std::vector<std::unique_ptr<Gate>>& fronts() const { return fronts_; }
  Environment environment;

  void start();
  void kill();       ///< SIGKILL
  void terminate();  ///< SIGTERM; a non-zero exit code fails the test
  void freeze() { daemon_->freeze(); }
  void thaw() { daemon_->thaw(); }
  bool present() const { return daemon_.has_value(); }
  /// False if the daemon exited by itself, which none may do.
  bool alive() const { return daemon_ && daemon_->running(); }
  bool ready() const;

  /// Requests on its connections that wait for a response.
  std::size_t waiting() const;
  /// Reads its current metrics. Those of exited daemons are kept and added.
  void scrape();
  double counted(const std::string& metric) const;
  std::size_t logged(const std::string& text) const;  ///< lines of all runs

 private:
  void before_end();
  void end();

  std::string service_;
  int index_;
  std::string log_directory_;
  int lives_ = 0;
  std::optional<Daemon> daemon_;
  /// Either one gate to the current primary, as a proxy or a DNS name would be, or, for every second member of a
  /// service, one gate per server: its DSN with two hosts chooses between them.
  std::vector<std::unique_ptr<Gate>> postgres_;
  std::size_t primary_slot_ = 0;
  std::vector<std::unique_ptr<Gate>> fronts_;
  std::map<std::string, double> metrics_;  ///< of this run, as last read
  std::map<std::string, double> ended_metrics_;
  std::string ended_logs_;
};

class Fleet {
 public:
  using Members = std::vector<std::unique_ptr<Member>>;

  Fleet(GateHouse& house, const Servers& servers, const FleetSettings& settings);

  Members& of(const std::string& service) { return members_.at(service); }
  std::vector<Member*> all() const;
  std::vector<Member*> present() const;
  std::vector<Member*> present(const std::string& service) const;
  std::vector<std::string> writer_urls() const;
  /// SQL condition on queue_messages: rows whose partition a present reader may own.
  std::string covered_partitions() const;
  /// Applies to all members, including absent ones.
  void follow(const Servers& servers);
  void cut_postgres();
  std::size_t waiting_for_postgres() const;
  void scrape();
  double counted(const std::string& service, const std::string& metric) const;
  GateCounts gate_counts() const;

 private:
  Member& add(const std::string& service, int index, GateHouse& house);
  int first_partition(int reader) const;

  FleetSettings settings_;
  std::map<std::string, Members> members_;
};

}  // namespace prompted::test::crash
