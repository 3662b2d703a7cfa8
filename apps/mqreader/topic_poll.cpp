// Topic's poll: pages of new rows into memory, and the sweep that watches whether one was missed.
#include <algorithm>
#include <cstdlib>
#include <utility>

#include "base/backoff.hpp"
#include "base/log.hpp"
#include "mqreader/topic.hpp"

namespace prompted::mqreader {

namespace asio = boost::asio;
using base::Clock;

namespace {
constexpr auto poll_deadline = std::chrono::seconds(30);
constexpr std::size_t most_healed_at_once = 100;  // the next sweep finds the others

/// "xmin:xmax:xip": every transaction below xmin has ended in this snapshot.
std::uint64_t xmin_of(const std::string& snapshot) { return std::strtoull(snapshot.c_str(), nullptr, 10); }

bool is_timeout(const std::exception& error) {
  const auto* refused = dynamic_cast<const pg::StatementError*>(&error);
  return dynamic_cast<const pg::Expired*>(&error) != nullptr || (refused != nullptr && refused->sqlstate == "57014");
}

}  // namespace

asio::awaitable<void> Topic::poll_loop() {
  base::Backoff backoff(std::chrono::milliseconds(50), std::chrono::milliseconds(2000));
  while (!stopping_) {
    bool more = false;
    bool ok = false;
    co_await slots_.take();
    hinted_ = false;
    try {
      if (!foreign_checked_ && !stopping_) co_await adopt_foreign_rows();
      if (!stopping_) more = co_await poll_pass();
      ok = true;
    } catch (const std::logic_error&) {
      throw;  // a fault of ours: end, do not guess
    } catch (const std::exception& error) {
      ++counts_.poll_failures;
      messages_.watch_removals(false);  // that answer never comes
      if (is_timeout(error)) plan_.timed_out();
      failed("poll", error);
    }
    slots_.give();
    if (ok) {
      if (std::exchange(outage_, false)) log::info("database operation recovered", {{"topic", name_}});
      backoff.reset();
      if (!more && !hinted_) co_await wake_.wait_until(Clock::now() + options_.poll_interval);
    } else {
      co_await ending_.wait_until(Clock::now() + backoff.next());
    }
  }
}

/// True when there is more to fetch at once and room for it.
asio::awaitable<bool> Topic::poll_pass() {
  bool more = false;
  plan_.begin_pass();
  while (true) {
    const auto request = plan_.next(room(), options_.poll_batch);
    if (!request || stopping_) break;
    const auto start = Clock::now();
    messages_.watch_removals(request->base == empty_snapshot);
    auto reply = co_await stores_.poll.poll(name_, *request, start + poll_deadline);
    if (stopping_) break;  // a topic that was retired has given its memory back
    ++counts_.polls;
    counts_.poll_seconds.observe(Clock::now() - start);
    const bool trust = co_await trusted(reply);
    if (!trust) {
      begin_again();
      co_return true;
    }
    more = take_in(*request, std::move(reply)) || more;
  }
  share_.want(plan_.short_of_room() && !stopping_);
  messages_.watch_removals(false);
  if (!owned_.empty() && !std::exchange(loaded_, true)) ready_.notify();
  const Room left = room();
  co_return more&& left.backlog > 0;
}

/// What the budget lets it take in now.
Room Topic::room() {
  messages_.set_limit(share_.limit());
  return messages_.room();
}

/// A reply of another incarnation, or to a question from before one, must not move a cursor.
asio::awaitable<bool> Topic::trusted(const PollResult& reply) {
  const auto verdict = incarnation_.observe(reply.server);
  if (verdict == Incarnation::Verdict::empty)
    co_await stores_.poll.new_incarnation(base::random_uuid(), Clock::now() + poll_deadline);
  const bool same = verdict == Incarnation::Verdict::same && generation_ == incarnation_.generation();
  if (same) server_ = reply.server;
  co_return same;
}

void Topic::begin_again() {
  generation_ = incarnation_.generation();
  ++counts_.restarts;
  foreign_checked_ = false;
  floors_.clear();
  messages_.clear();
  plan_.restart();
  tell_freed();
  log::info("the database server is another one: reading the queue from the beginning", {{"topic", name_}});
}

bool Topic::take_in(const PollRequest& request, PollResult reply) {
  const bool more = plan_.apply(request, reply);
  const auto now = Clock::now();
  for (auto& row : reply.rows)
    if (messages_.add(std::move(row), !request.backlog, now)) ++counts_.rows;
  if (messages_.ready() > 0) ready_.notify();
  if (messages_.needs_writes()) upkeep_.notify();
  return more;
}

asio::awaitable<void> Topic::adopt_foreign_rows() {
  foreign_checked_ = true;
  std::size_t adopted = 0;
  try {
    for (std::size_t more = 1; more > 0 && !stopping_; adopted += more)
      more = co_await stores_.poll.adopt_foreign_rows(name_, owned_, Clock::now() + poll_deadline);
  } catch (...) {
    foreign_checked_ = false;
    throw;
  }
  counts_.foreign_rows += adopted;
  if (adopted > 0) log::warn("rows of another cluster were taken over", {{"topic", name_}, {"rows", adopted}});
}

asio::awaitable<void> Topic::sweep_loop() {
  while (!stopping_) {
    co_await ending_.wait_until(Clock::now() + options_.sweep_interval);
    if (stopping_) break;
    try {
      co_await adopt_foreign_rows();
      co_await sweep();
    } catch (const std::exception& error) {
      messages_.watch_sweep(false);
      failed("sweep", error);
    }
  }
}

/// All rows of transactions that had ended in a base were looked at now: the next sweep begins there, or at the oldest row
/// that is still held.
void Topic::raise_floors(const std::vector<PollPlan::Seen>& seen) {
  const auto lowest = messages_.lowest_xids();
  for (const auto& part : seen) {
    const auto held = lowest.find(part.partition);
    const std::uint64_t ended = xmin_of(part.base);
    floors_[part.partition] = held == lowest.end() ? ended : std::min(ended, held->second);
  }
}

/// An alarm, not the mechanism: what it finds is healed, counted and reported as an error.
asio::awaitable<void> Topic::sweep() {
  // Rows that were dropped from memory meanwhile are not missed ones.
  const auto unchanged = [this, generation = generation_, assignments = assignments_] {
    return generation == generation_ && assignments == assignments_;
  };
  auto seen = plan_.seen();
  for (auto& part : seen) part.floor = floors_[part.partition];
  messages_.watch_sweep(true);
  const int most = static_cast<int>(std::min<std::int64_t>(options_.limits.messages + 1, 1'000'000));
  const auto there = co_await stores_.poll.list_seen(name_, seen, most, Clock::now() + poll_deadline);
  if (stopping_) co_return;
  ++counts_.sweeps;
  std::vector<std::int64_t> missing;
  for (const auto& key : there.keys)
    if (!messages_.knows(key.id) && missing.size() < most_healed_at_once) missing.push_back(key.id);
  const bool comparable = incarnation_.is(there.server) && unchanged();
  if (!comparable || missing.empty()) {
    messages_.watch_sweep(false);
    const bool all = there.keys.size() < static_cast<std::size_t>(most);
    if (comparable && all) raise_floors(seen);
    co_return;
  }
  auto rows = co_await stores_.poll.fetch(missing, Clock::now() + poll_deadline);
  std::size_t healed = 0;
  if (stopping_ || !unchanged()) rows.clear();
  for (auto& row : rows)
    if (messages_.add(std::move(row), true, Clock::now())) ++healed;
  messages_.watch_sweep(false);
  counts_.missed_rows += healed;
  if (healed > 0) log::error("the sweep found rows that the poll had missed", {{"topic", name_}, {"rows", healed}});
  if (messages_.ready() > 0) ready_.notify();
}

}  // namespace prompted::mqreader
