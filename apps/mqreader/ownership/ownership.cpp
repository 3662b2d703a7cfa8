#include "mqreader/ownership/ownership.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

#include "base/log.hpp"

namespace prompted::mqreader {

namespace asio = boost::asio;
using base::BootClock;
using base::Clock;

namespace {

/// The first 48 bits of a lease id are its reader's (Broker::new_lease_id).
bool same_reader(const base::Uuid& a, const base::Uuid& b) {
  return std::equal(a.bytes.begin(), a.bytes.begin() + 6, b.bytes.begin());
}

/// "0-85,100": the log shows who served which partitions when.
std::string ranges(const std::vector<int>& ascending) {
  std::string text;
  for (std::size_t i = 0; i < ascending.size();) {
    std::size_t last = i;
    while (last + 1 < ascending.size() && ascending[last + 1] == ascending[last] + 1) ++last;
    text += (text.empty() ? "" : ",") + std::to_string(ascending[i]);
    if (last > i) text += "-" + std::to_string(ascending[last]);
    i = last + 1;
  }
  return text;
}

/// This boot of this machine's kernel, and the network that this process is in: two containers, or two machines behind
/// NATs, may have the same address.
std::string this_host() {
  std::ifstream file("/proc/sys/kernel/random/boot_id");
  std::string boot;
  std::getline(file, boot);
  std::error_code none;
  return boot + " " + std::filesystem::read_symlink("/proc/self/ns/net", none).string();
}

}  // namespace

Ownership::Ownership(asio::io_context& owner, OwnershipStore& store, ReaderProbe& probe,
                     OwnershipLease& ownership_lease, OwnershipOptions options, Serve serve)
    : store_(store),
      probe_(probe),
      ownership_lease_(ownership_lease),
      options_(std::move(options)),
      serve_(std::move(serve)),
      plan_(options_.partition_count),
      ending_(owner),
      tasks_(owner) {
  me_.first_partition = options_.first_partition;
  me_.last_partition = options_.last_partition;
  me_.partition_count = options_.partition_count;
  me_.advertise_url = options_.advertise_url;
  me_.listen_address = options_.listen_address;
  me_.ttl_seconds = std::chrono::duration<double>(options_.ttl).count();
  me_.host = this_host();
}

void Ownership::start(std::uint16_t port) {
  owner_thread_.check();
  me_.port = port;
  tasks_.spawn("ownership", loop());
}

base::TimePoint Ownership::job_deadline() const { return Clock::now() + options_.ttl / 3; }

asio::awaitable<void> Ownership::loop() {
  const auto tick_length = std::min(std::chrono::milliseconds(1000), options_.ttl / 5);
  while (!leaving_) {
    std::string failure;
    try {
      co_await tick();
    } catch (const std::exception& error) {
      failure = error.what();
    }
    if (!failure.empty()) {
      ++counts_.heartbeat_failures;
      outage_.failed({{"error", failure}});
    } else {
      outage_.recovered();
    }
    if (entered_ || !failure.empty()) co_await ending_.wait_until(Clock::now() + tick_length);
  }
}

asio::awaitable<void> Ownership::tick() {
  if (!entered_) co_await enter();
  co_await heartbeat();
}

asio::awaitable<void> Ownership::enter() {
  me_.id = base::random_uuid();
  auto dead = co_await dead_predecessors();
  co_await store_.enter(me_, std::move(dead), job_deadline());
  entered_ = true;
  ownership_lease_.set_reader(me_.id);
  log::info("reader registered",
            {{"reader_id", base::to_string(me_.id)}, {"from", me_.first_partition}, {"to", me_.last_partition}});
}

/// Returns earlier readers at this reader's address that are gone. Their partitions need not wait for the TTL.
asio::awaitable<std::vector<base::Uuid>> Ownership::dead_predecessors() {
  const Predecessors had = co_await store_.predecessors(me_, job_deadline());
  std::vector<base::Uuid> dead;
  if (had.readers.empty()) co_return dead;
  const auto present = co_await probe_.who_is_at(had.address);
  if (present != ownership_lease_.reader()) co_return dead;  // only when the address is mine; else the TTL decides
  for (const auto& reader : had.readers) {
    dead.push_back(reader);
    log::info("removing a dead reader that had this reader's address", {{"reader_id", base::to_string(reader)}});
  }
  co_return dead;
}

asio::awaitable<void> Ownership::heartbeat() {
  const auto sent = BootClock::now();  // before the request: the row cannot expire earlier than this plus the TTL
  ++counts_.heartbeats;
  OwnershipView view = co_await store_.heartbeat(me_, job_deadline());
  if (leaving_) co_return;
  if (!view.alive) {
    lose_all("this reader's row expired");
    co_return;
  }
  ownership_lease_.extend(sent + options_.ttl - options_.ttl / 5);
  co_await rebalance(std::move(view));
}

asio::awaitable<void> Ownership::rebalance(OwnershipView view) {
  readers_ = view.readers;
  co_await reap_silent();
  const ShareDecision decision = plan_.decide(view, me_.id);
  std::vector<int> owned;
  for (std::size_t key = 0; key < view.owners.size(); ++key) {
    const bool given =
        std::find(decision.give.begin(), decision.give.end(), static_cast<int>(key)) != decision.give.end();
    if (view.owners[key] == me_.id && !given) owned.push_back(static_cast<int>(key));
  }
  free_ = 0;
  for (int key = me_.first_partition; key <= me_.last_partition; ++key)
    if (!view.owners[static_cast<std::size_t>(key)]) ++free_;
  serve(owned);
  if (!decision.give.empty()) {
    co_await store_.release(me_.id, decision.give, job_deadline());
    counts_.given += decision.give.size();
  }
  if (decision.claim.empty() || leaving_) co_return;
  bool dead = false;
  std::vector<int> got;
  try {
    got = co_await store_.claim(me_.id, decision.claim, job_deadline());
  } catch (const pg::StatementError& error) {
    if (error.sqlstate != "23503") throw;
    dead = true;  // foreign key: my row has been reaped
  }
  if (dead) {
    lose_all("another reader removed this reader's row");
    co_return;
  }
  if (leaving_) co_return;
  counts_.claimed += got.size();
  owned.insert(owned.end(), got.begin(), got.end());
  std::sort(owned.begin(), owned.end());
  serve(std::move(owned));
}

/// Reaps readers whose rows have stopped changing. Expiry goes by the database's clock: if that is set back, a dead
/// reader's row stays valid until the clock catches up.
asio::awaitable<void> Ownership::reap_silent() {
  const auto now = BootClock::now();
  std::map<base::Uuid, Heard> heard;
  std::vector<LiveReader> silent;
  for (const auto& reader : readers_) {
    const auto known = heard_.find(reader.id);
    const bool same = known != heard_.end() && known->second.expires == reader.expires;
    Heard last{reader.expires, same ? known->second.at : now};
    const auto quiet = std::chrono::duration<double>(now - last.at).count();
    if (reader.id != me_.id && reader.ttl_seconds > 0 && quiet > reader.ttl_seconds) silent.push_back(reader);
    heard[reader.id] = std::move(last);
  }
  heard_ = std::move(heard);
  for (auto& reader : silent) {
    log::warn("removing a silent reader whose row has not expired",
              {{"reader_id", base::to_string(reader.id)}, {"address", reader.address}});
    co_await store_.reap(std::move(reader), job_deadline());
  }
}

std::string Ownership::trouble() const {
  owner_thread_.check();
  if (!entered_) return "not registered";
  return owned_.empty() && free_ > 0 ? "none owned" : "";
}

void Ownership::serve(std::vector<int> owned) {
  if (owned == owned_) return;
  std::vector<int> taken;
  std::vector<int> dropped;
  std::set_difference(owned.begin(), owned.end(), owned_.begin(), owned_.end(), std::back_inserter(taken));
  std::set_difference(owned_.begin(), owned_.end(), owned.begin(), owned.end(), std::back_inserter(dropped));
  owned_ = std::move(owned);
  serve_(owned_);
  log::info(
      "partitions",
      {{"owned", owned_.size()}, {"taken", ranges(taken)}, {"dropped", ranges(dropped)}, {"readers", readers_.size()}});
}

void Ownership::lose_all(const char* why) {
  ++counts_.lost_all;
  log::warn("lost ownership of all partitions", {{"why", why}, {"owned", owned_.size()}});
  entered_ = false;
  readers_.clear();
  serve({});
}

void Ownership::leave() {
  owner_thread_.check();
  leaving_ = true;
  ending_.notify();
  tasks_.spawn("leave", leave_now());
}

asio::awaitable<void> Ownership::leave_now() {
  serve({});
  std::string failure;
  try {
    if (entered_) co_await store_.leave(me_.id, job_deadline());
  } catch (const std::exception& error) {
    failure = error.what();
  }
  if (!failure.empty()) log::warn("cannot release partitions; they become free after the TTL", {{"error", failure}});
  // Acks of leases that were granted while the partitions were mine are still committed.
  ownership_lease_.extend(BootClock::now() + std::chrono::hours(1));
}

std::optional<std::string> Ownership::other_reader(const base::Uuid& lease_id) const {
  owner_thread_.check();
  if (same_reader(lease_id, me_.id)) return std::nullopt;
  for (const auto& reader : readers_)
    if (same_reader(lease_id, reader.id)) return reader.address;
  return std::nullopt;
}

}  // namespace prompted::mqreader
