#include "mqreader/poll/sweeper.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "base/log.hpp"

namespace prompted::mqreader {

namespace asio = boost::asio;
using base::Clock;

namespace {

constexpr auto statement_limit = std::chrono::seconds(30);
constexpr std::size_t most_repaired_at_once = 100;  // the next sweep finds the others
constexpr std::int64_t most_compared = 1'000'000;

/// "xmin:xmax:xip": every transaction below xmin has ended in this snapshot.
std::uint64_t xmin_of(const std::string& snapshot) { return std::strtoull(snapshot.c_str(), nullptr, 10); }

}  // namespace

Sweeper::Sweeper(asio::io_context& owner, std::string topic, SweepOptions options, PollStore& store,
                 const Incarnation& incarnation, Poller& poller, RowSink& sink, base::Outage& outage)
    : topic_(std::move(topic)),
      options_(options),
      store_(store),
      incarnation_(incarnation),
      poller_(poller),
      sink_(sink),
      outage_(outage),
      ending_(owner) {}

void Sweeper::stop() {
  owner_thread_.check();
  stopping_ = true;
  ending_.notify();
}

asio::awaitable<void> Sweeper::loop() {
  owner_thread_.check();
  while (!stopping_) {
    co_await ending_.wait_until(Clock::now() + options_.interval);
    if (stopping_) break;
    try {
      co_await poller_.adopt_foreign_rows();
      co_await sweep();
    } catch (const std::exception& error) {
      poller_.removals().sweep_reads(false);
      outage_.failed({{"topic", topic_}, {"what", "sweep"}, {"error", error.what()}});
    }
  }
}

asio::awaitable<void> Sweeper::sweep() {
  const auto seen = seen_from_floors();
  const auto epoch = poller_.epoch();
  poller_.removals().sweep_reads(true);
  const int most = static_cast<int>(std::min(options_.most_rows, most_compared));
  auto there = co_await store_.list_seen(topic_, seen, most, Clock::now() + statement_limit);
  if (stopping_) co_return;
  ++counts_.sweeps;
  const bool all = there.keys.size() < static_cast<std::size_t>(most);
  std::erase_if(there.keys, [this](const MessageKey& key) { return poller_.removals().saw_removal_of(key.id); });
  auto missing = sink_.missing(there.keys, most_repaired_at_once);
  const bool comparable = incarnation_.is(there.server) && epoch == poller_.epoch();
  if (comparable && !missing.empty()) {
    co_await repair(std::move(missing), epoch);
    co_return;
  }
  poller_.removals().sweep_reads(false);
  if (comparable && all) raise_floors(seen);
}

std::vector<PollPlan::Seen> Sweeper::seen_from_floors() {
  if (floors_epoch_ != poller_.epoch()) floors_.clear();
  floors_epoch_ = poller_.epoch();
  auto seen = poller_.seen();
  for (auto& part : seen) part.floor = floors_[part.partition];
  return seen;
}

/// All rows of transactions that had ended in a base were compared. The next sweep begins there, or at the oldest row
/// that is still held.
void Sweeper::raise_floors(const std::vector<PollPlan::Seen>& seen) {
  const auto lowest = sink_.lowest_xids();
  for (const auto& part : seen) {
    const auto held = lowest.find(part.partition);
    const std::uint64_t ended = xmin_of(part.base);
    floors_[part.partition] = held == lowest.end() ? ended : std::min(ended, held->second);
  }
}

asio::awaitable<void> Sweeper::repair(std::vector<std::int64_t> missing, std::uint64_t epoch) {
  auto rows = co_await store_.fetch(std::move(missing), Clock::now() + statement_limit);
  if (stopping_ || epoch != poller_.epoch()) rows.clear();  // rows that were dropped from memory are not missed ones
  poller_.removals().filter(rows);
  const std::size_t repaired = sink_.take_in(std::move(rows), true);
  poller_.removals().sweep_reads(false);
  counts_.missed_rows += repaired;
  if (repaired > 0)
    log::error("the sweep found rows that the poll had missed", {{"topic", topic_}, {"rows", repaired}});
}

}  // namespace prompted::mqreader
