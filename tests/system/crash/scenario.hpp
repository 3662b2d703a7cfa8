#pragma once
// A whole run: load, rounds of faults, the drain, and what is found afterwards.
#include <cstdint>
#include <filesystem>
#include <string>

#include "system/crash/checker.hpp"
#include "system/crash/faults.hpp"
#include "system/crash/load.hpp"

namespace prompted::test::crash {

/// From the environment: ROUNDS, SEED, RATE (messages a second), READERS (disjoint or shared), REPLICATION (async or
/// sync), FAULTS (all, or names with commas).
struct RunSettings {
  int rounds = 3;
  std::uint64_t seed = 0;
  int rate = 2500;
  bool shared_ownership = true;
  Replication replication = Replication::async;
  std::string faults = "all";

  bool all_faults() const { return faults == "all"; }
  /// So short that chance may deal no promotion, or too many: it gets one for certain, in its middle.
  bool brief() const { return all_faults() && rounds < 20; }
  static RunSettings from_environment();
};

/// Sums over a run: what must not stay 0, or the run tested nothing.
struct Totals {
  GateCounts cut;
  std::uint64_t commits_cut = 0;
  std::size_t in_flight = 0;       ///< requests at the moment of a fault
  std::uint64_t redeliveries = 0;  ///< counted by the readers
  std::uint64_t absorbed = 0;      ///< messages that a collector got again and telemetry had already
  std::uint64_t late_rows = 0;     ///< found by sweeps: must stay 0
  std::uint64_t promotions = 0;
  std::uint64_t sessions_terminated = 0;
  std::uint64_t rewrites = 0;  ///< REINDEX, VACUUM FULL
  std::uint64_t sequences_behind = 0;
  std::uint64_t foreign_rows = 0;
  int most_attempts = 0;  ///< of a message in the queue or in dead_letters
};

class Scenario {
 public:
  explicit Scenario(const RunSettings& settings);
  ~Scenario();

  /// False (and a failed test) when the fleet did not recover from a round.
  bool round(int number);
  /// Heals everything, ends the load, waits for an empty queue and ends the daemons.
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
  /// Everything that was in the queue at the call is consumed, as far as somebody may own it.
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
