#pragma once
// A whole run: load, rounds of faults, the drain, and the evidence collected afterwards.
#include <cstdint>
#include <filesystem>
#include <string>

#include "system/crash/checker.hpp"
#include "system/crash/faults.hpp"
#include "system/crash/load.hpp"

namespace prompted::test::crash {

/// Read from the environment: ROUNDS, SEED, RATE (messages a second), READERS (disjoint or shared), REPLICATION (async
/// or sync), FAULTS (all, or comma-separated names).
struct RunSettings {
  int rounds = 3;
  std::uint64_t seed = 0;
  int rate = 2500;
  bool shared_ownership = true;
  Replication replication = Replication::async;
  std::string faults = "all";

  bool all_faults() const { return faults == "all"; }
  /// A run so short that chance may deal no promotion, or too many. It gets exactly one, in the middle.
  bool brief() const { return all_faults() && rounds < 20; }
  static RunSettings from_environment();
};

/// Totals of a run. Values that must not stay 0 show that the run tested something.
struct Totals {
  GateCounts cut;
  std::uint64_t commits_cut = 0;
  std::size_t in_flight = 0;       ///< requests in flight when a fault began
  std::uint64_t redeliveries = 0;  ///< counted by the readers
  std::uint64_t absorbed = 0;      ///< redelivered messages that telemetry had already
  std::uint64_t late_rows = 0;     ///< found by sweeps: must stay 0
  std::uint64_t promotions = 0;
  std::uint64_t sessions_terminated = 0;
  std::uint64_t rewrites = 0;  ///< REINDEX, VACUUM FULL
  std::uint64_t sequences_behind = 0;
  std::uint64_t foreign_rows = 0;
  int most_attempts = 0;  ///< highest count of any message in the queue or dead_letters
};

class Scenario {
 public:
  explicit Scenario(const RunSettings& settings);
  ~Scenario();

  /// Runs a round. Returns false, and fails the test, if the fleet does not recover.
  bool round(int number);
  /// Repairs all faults, ends the load, waits for an empty queue and stops the daemons.
  bool drain();
  Evidence evidence();

  const Totals& totals() const { return totals_; }
  const LoadCounts& load() const { return load_->counts(); }
  const std::string& log_directory() const { return fleet_settings_.log_directory; }

 private:
  struct Queue {
    long long rows = 0;
    int most_attempts = 0;
  };

  FaultDeck::Wish wish(int number) const;
  bool all_ready();
  /// Waits until everything queued at the time of the call is consumed, except in partitions that no present reader may
  /// own.
  bool caught_up();
  Queue queue(const std::string& where);
  void begin(const std::vector<Fault>& faults);
  void count();
  bool sweep_twice();
  void print_round(int number, double seconds, double to_recover, const Totals& before,
                   const std::vector<Fault>& faults) const;

  RunSettings settings_;
  FleetSettings fleet_settings_;
  GateHouse house_;
  Servers servers_;
  std::unique_ptr<Fleet> fleet_;
  FaultDeck deck_;
  std::unique_ptr<Load> load_;
  std::vector<Sent> sent_;
  Totals totals_;
};

void print_table(const RunSettings& settings, const Verdict& verdict, const Totals& totals, const LoadCounts& load,
                 double seconds);

}  // namespace prompted::test::crash
