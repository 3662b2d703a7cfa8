#pragma once
// Faults of PostgreSQL: its death, a promotion, and an administrator's commands under load.
#include <chrono>
#include <random>
#include <string>
#include <unordered_set>
#include <vector>

#include "system/crash/checker.hpp"
#include "system/crash/fault.hpp"
#include "system/crash/fleet.hpp"
#include "system/crash/kinds.hpp"
#include "system/crash/servers.hpp"

namespace prompted::test::crash {

/// Record of what was done, for the report and the checker.
struct PostgresDeeds {
  std::vector<Promotion> promotions;
  std::size_t sessions_terminated = 0;
  std::size_t rewrites = 0;  ///< REINDEX and VACUUM FULL that succeeded
  std::size_t sequences_behind = 0;
  std::size_t foreign_rows = 0;
  /// All uuids that promotions found on their new primaries. Every later standby has these messages too, so no later
  /// promotion may lose them.
  std::unordered_set<std::string> survived;
};

class PostgresFaults {
 public:
  PostgresFaults(Fleet& fleet, Servers& servers, std::mt19937_64& random);

  static bool makes(Kind kind);
  /// Makes a fault of a kind that makes() accepts. All random choices are made here, not when the fault begins.
  Fault make(Kind kind);
  const PostgresDeeds& deeds() const { return deeds_; }

 private:
  using Milliseconds = std::chrono::milliseconds;

  Milliseconds between(int least_ms, int most_ms);
  Fault fault(const char* name, Milliseconds hold, std::function<void()> begin, std::function<void()> end);
  Fault promotion();
  Fault sequences();

  struct Failover {
    Milliseconds slow{0};     ///< delay of each response to a reader, so that it deletes less than collectors insert
    Milliseconds lag{0};      ///< the standby's lag when the last member loses the primary
    Milliseconds silence{0};  ///< time before the primary dies
    std::vector<Member*> order;
  };
  void promote(const Failover& failover);
  void note_survivors();
  void terminate_sessions();
  /// Returns whether it succeeded. A lock timeout is not a failure of the run.
  bool rewrite(const std::string& statement);
  void drop_invalid_indexes();
  void make_foreign(int rows);

  Fleet& fleet_;
  Servers& servers_;
  std::mt19937_64& random_;
  PostgresDeeds deeds_;
};

}  // namespace prompted::test::crash
