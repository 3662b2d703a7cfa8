#pragma once
// Two places for a PostgreSQL, one of them the primary's and the other its standby's, and the run's database in them.
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
  sync,  ///< whenever there is a standby, each commit waits for it
};

/// All calls from the thread that made it: a server dies with the thread that launched it.
class Servers {
 public:
  static constexpr std::size_t slots = 2;

  /// Returns when the standby streams.
  Servers(GateHouse& house, Replication replication, bool fsync = true);

  PostgresCluster& primary() { return *servers_[primary_]; }
  std::size_t primary_slot() const { return primary_; }
  /// nullopt while that slot is dead.
  std::optional<std::uint16_t> port(std::size_t slot) const;
  /// A standby that has all that it must have: with Replication::sync every commit that was answered.
  bool has_standby();
  /// Waits until there is a standby and it has all that was committed until a moment after the call: that moment.
  std::chrono::steady_clock::time_point complete_standby();

  const std::string& database() const { return database_; }
  /// The run's database, at the primary.
  std::string url() const { return servers_[primary_]->url(database_); }

  /// Nothing more reaches the standby: from here on it is behind (and with Replication::sync commits wait).
  void stall_replication();
  /// SIGKILL to the primary; the standby takes its place.
  void promote();
  /// Makes the dead slot the new primary's standby.
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
