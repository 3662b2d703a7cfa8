#pragma once
// What happens to PostgreSQL: its end, another in its place, and what an administrator does to it under load.
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

/// What was done, for the table and for the judge.
struct PostgresDeeds {
  std::vector<Promotion> promotions;
  std::size_t sessions_terminated = 0;
  std::size_t rewrites = 0;  ///< REINDEX and VACUUM FULL that succeeded
  std::size_t sequences_behind = 0;
  std::size_t foreign_rows = 0;
  /// All uuids that a promotion found on its new primary. A message that one of them found is on every later standby
  /// too, so no later promotion may lose it.
  std::unordered_set<std::string> survived;
};

class PostgresFaults {
 public:
  PostgresFaults(Fleet& fleet, Servers& servers, std::mt19937_64& random);

  static bool makes(Kind kind);
  /// For one `makes()` is true of. Every choice is made here, not when it begins.
  Fault make(Kind kind);
  const PostgresDeeds& deeds() const { return deeds_; }

 private:
  using Milliseconds = std::chrono::milliseconds;

  Milliseconds between(int least_ms, int most_ms);
  Fault fault(const char* name, Milliseconds hold, std::function<void()> begin, std::function<void()> end);
  Fault promotion();
  Fault sequences();

  struct Failover {
    Milliseconds slow{
        0};  ///< what each answer to a reader waits: then it has deleted less than collectors have inserted
    Milliseconds lag{0};      ///< of the standby when the last member loses the primary
    Milliseconds silence{0};  ///< before the primary dies
    std::vector<Member*> order;
  };
  void promote(const Failover& failover);
  void note_survivors();
  void terminate_sessions();
  /// Whether it succeeded: a lock that it does not get in time is no failure of the run.
  bool rewrite(const std::string& statement);
  void drop_invalid_indexes();
  void make_foreign(int rows);

  Fleet& fleet_;
  Servers& servers_;
  std::mt19937_64& random_;
  PostgresDeeds deeds_;
};

}  // namespace prompted::test::crash
