#pragma once
// The daemons under test, each in a place of its own: behind gates whose ports stay while daemons die and start again.
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
  /// Every reader may own every partition and they share them; else each place has a range of its own.
  bool shared_ownership = true;
  int partitions = 256;
  std::string log_directory;  ///< where ended daemons' output goes
};

/// A place for one daemon. All calls from the thread that made it: a daemon dies with the thread that launched it.
class Member {
 public:
  Member(std::string service, int index, GateHouse& house, std::string log_directory);

  std::string name() const { return service_ + " " + std::to_string(index_ + 1); }
  const std::string& service() const { return service_; }
  /// Towards the primary.
  Gate& postgres() { return *postgres_[postgres_.size() == 1 ? 0 : primary_slot_]; }
  const std::vector<std::unique_ptr<Gate>>& postgres_gates() const { return postgres_; }
  std::string database_url(const std::string& database) const;
  /// Its gates lead to where the servers are now. Open connections stay.
  void follow(const Servers& servers);
  void stall_postgres(bool on);
  void hold_postgres(bool on);
  void delay_postgres(std::chrono::milliseconds pause);
  std::size_t waiting_for_postgres() const;
  /// The daemon listens behind this gate too.
  Gate& add_front(GateHouse& house);
  const std::vector<std::unique_ptr<Gate>>& fronts() const { return fronts_; }
  Environment environment;

  void start();
  void kill();       ///< SIGKILL
  void terminate();  ///< SIGTERM; an exit code other than 0 fails the test
  void freeze() { daemon_->freeze(); }
  void thaw() { daemon_->thaw(); }
  bool present() const { return daemon_.has_value(); }
  /// False when it ended by itself: none may.
  bool alive() const { return daemon_ && daemon_->running(); }
  bool ready() const;

  /// Requests that wait for an answer on its connections.
  std::size_t waiting() const;
  /// Looks at its metrics now; those of ended daemons are kept and added.
  void scrape();
  double counted(const std::string& metric) const;
  std::size_t logged(const std::string& text) const;  ///< lines of all its lives

 private:
  void before_end();
  void end();

  std::string service_;
  int index_;
  std::string log_directory_;
  int lives_ = 0;
  std::optional<Daemon> daemon_;
  /// One that leads to whoever is the primary, as a proxy or a name in DNS would; or for every second member of a
  /// service one for each server, between which its DSN with two hosts chooses.
  std::vector<std::unique_ptr<Gate>> postgres_;
  std::size_t primary_slot_ = 0;
  std::vector<std::unique_ptr<Gate>> fronts_;
  std::map<std::string, double> metrics_;  ///< of this life, as last seen
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
  /// SQL: rows of queue_messages whose partition some present reader may own.
  std::string covered_partitions() const;
  /// All members, the absent ones too.
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
