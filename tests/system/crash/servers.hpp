#pragma once
// Two slots for PostgreSQL servers, one primary and one standby, with the run's database.
#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "support/postgres_cluster.hpp"
#include "system/crash/gate.hpp"

namespace prompted::test::crash {

enum class Replication {
  async,
  sync,  ///< each commit waits for the standby, whenever there is one
};

/// Call it only from the thread that created it, because a server dies with the thread that launched it.
class Servers {
 public:
  static constexpr std::size_t slots = 2;

  /// Returns once the standby is streaming.
  Servers(GateHouse& house, Replication replication, bool fsync = true);

  PostgresCluster& primary() { return *servers_[primary_]; }
  std::size_t primary_slot() const { return primary_; }
  /// nullopt while that slot is dead.
  std::optional<std::uint16_t> port(std::size_t slot) const;
  /// Whether there is a standby with everything it must have: with Replication::sync, every confirmed commit.
  bool has_standby();
  /// Waits for a standby that has every commit up to a time after the call; returns that time.
  std::chrono::steady_clock::time_point complete_standby();

  const std::string& database() const { return database_; }
  /// URL of the run's database on the primary.
  std::string url() const { return servers_[primary_]->url(database_); }

  /// Stops replication: the standby falls behind, and with Replication::sync commits wait.
  void stall_replication();
  /// Kills the primary (SIGKILL) and promotes the standby.
  void promote();
  /// Rebuilds the dead slot as the new primary's standby.
  void rebuild_standby();

 private:
  std::size_t standby_slot() const { return 1 - primary_; }

  Replication replication_;
  Gate stream_;  ///< between the standby and its primary
  std::array<std::unique_ptr<PostgresCluster>, slots> servers_;
  std::size_t primary_ = 0;
  bool standby_lives_ = false;
  std::string database_;
};

}  // namespace prompted::test::crash
