#include "system/crash/servers.hpp"

#include <stdexcept>

#include "support/wait.hpp"

namespace prompted::test::crash {
namespace {

constexpr auto streaming_limit = std::chrono::seconds(60);

PostgresCluster::Options server_options(bool fsync) {
  PostgresCluster::Options options;
  options.fsync = fsync;
  options.extra_conf =
      "wal_keep_size = 256MB\n"                // for a standby that was disconnected while the primary restarted
      "wal_retrieve_retry_interval = 100ms\n"  // with synchronous replication commits wait for it
      "recovery_init_sync_method = syncfs";    // a thousand fsyncs of a new standby's files take seconds
  return options;
}

std::string database_of(const std::string& url) {
  const auto slash = url.rfind('/');
  return url.substr(slash + 1, url.find('?') - slash - 1);
}

}  // namespace

Servers::Servers(GateHouse& house, Replication replication, bool fsync)
    : replication_(replication), stream_(house, Traffic::unread) {
  servers_[primary_] = std::make_unique<PostgresCluster>(server_options(fsync));
  database_ = database_of(primary().migrated_database());
  rebuild_standby();
}

std::optional<std::uint16_t> Servers::port(std::size_t slot) const {
  if (slot != primary_ && !standby_lives_) return std::nullopt;
  return servers_[slot]->port();
}

bool Servers::has_standby() {
  if (!standby_lives_) return false;
  const std::string state = primary().replication();
  return replication_ == Replication::sync ? state == "streaming sync" : state.starts_with("streaming");
}

std::chrono::steady_clock::time_point Servers::complete_standby() {
  if (!eventually([this] { return has_standby(); }, streaming_limit))
    throw std::runtime_error("there is no standby to promote: " + primary().replication());
  const auto moment =
      std::chrono::steady_clock::now();  // before the query, so that it covers every commit confirmed by now
  pqxx::connection connection(primary().url("postgres"));
  pqxx::nontransaction work(connection);
  const std::string place = work.exec("SELECT pg_current_wal_flush_lsn()")[0][0].c_str();
  const std::string has_it = "SELECT 1 FROM pg_stat_replication WHERE application_name = " +
                             work.quote(std::string(PostgresCluster::standby_name)) +
                             " AND flush_lsn >= " + work.quote(place) + "::pg_lsn";
  if (!eventually([&] { return !work.exec(has_it).empty(); }, streaming_limit))
    throw std::runtime_error("the standby does not come to " + place);
  return moment;
}

void Servers::stall_replication() { stream_.stall(true); }

void Servers::promote() {
  if (!standby_lives_) throw std::runtime_error("there is no standby to promote");
  primary().kill();
  stream_.refuse();  // WAL in transit to the standby is lost with the primary
  stream_.stall(false);
  primary_ = standby_slot();
  standby_lives_ = false;
  primary().promote();
}

void Servers::rebuild_standby() {
  servers_[standby_slot()].reset();
  stream_.point_to(primary().port());
  servers_[standby_slot()] = primary().make_standby(stream_.port());
  standby_lives_ = true;
  if (!eventually([this] { return primary().replication().starts_with("streaming"); }, streaming_limit))
    throw std::runtime_error("the standby does not stream: " + primary().replication());
  if (replication_ == Replication::async) return;
  // Not earlier: a primary that waits for a missing standby commits nothing.
  primary().set_synchronous_standby_names(PostgresCluster::standby_name);
  if (!eventually([this] { return has_standby(); }, streaming_limit))
    throw std::runtime_error("the standby does not become synchronous: " + primary().replication());
}

}  // namespace prompted::test::crash
