#include "mqreader/poll/poller.hpp"

#include <utility>

#include "base/backoff.hpp"
#include "base/log.hpp"

namespace prompted::mqreader {

namespace asio = boost::asio;
using base::Clock;

namespace {

constexpr auto statement_limit = std::chrono::seconds(30);

bool is_timeout(const std::exception& error) {
  const auto* refused = dynamic_cast<const pg::StatementError*>(&error);
  return dynamic_cast<const pg::Expired*>(&error) != nullptr || (refused != nullptr && refused->sqlstate == "57014");
}

}  // namespace

Poller::Poller(asio::io_context& owner, std::string topic, PollOptions options, PollStore& store,
               Incarnation& incarnation, PollSlots& slots, RowSink& sink, base::Outage& outage)
    : topic_(std::move(topic)),
      options_(options),
      store_(store),
      incarnation_(incarnation),
      slots_(slots),
      sink_(sink),
      outage_(outage),
      wake_(owner),
      ending_(owner),
      generation_(incarnation.generation()) {}

void Poller::stop() {
  owner_thread_.check();
  stopping_ = true;
  wake_.notify();
  ending_.notify();
}

void Poller::set_partitions(const std::vector<int>& owned) {
  owner_thread_.check();
  owned_ = owned;
  ++epoch_;
  foreign_checked_ = false;
  plan_.set_partitions(owned);
  wake();
}

void Poller::wake() {
  owner_thread_.check();
  hinted_ = true;
  wake_.notify();
}

void Poller::room_freed() {
  owner_thread_.check();
  wake_.notify();
}

void Poller::row_removed(std::int64_t id) {
  owner_thread_.check();
  removals_.removed(id);
}

std::vector<PollPlan::Seen> Poller::seen() const {
  owner_thread_.check();
  return plan_.seen();
}

asio::awaitable<void> Poller::loop() {
  owner_thread_.check();
  base::Backoff backoff(std::chrono::milliseconds(50), std::chrono::milliseconds(2000));
  while (!stopping_) {
    bool more = false;
    bool ok = false;
    co_await slots_.take();
    hinted_ = false;
    try {
      if (!foreign_checked_ && !stopping_) co_await adopt_foreign_rows();
      if (!stopping_) more = co_await pass();
      ok = true;
    } catch (const std::logic_error&) {
      throw;  // a bug: end the process rather than guess
    } catch (const std::exception& error) {
      ++counts_.poll_failures;
      removals_.poll_reads(false);  // its result never comes
      if (is_timeout(error)) plan_.timed_out();
      outage_.failed({{"topic", topic_}, {"what", "poll"}, {"error", error.what()}});
    }
    slots_.give();
    if (ok) {
      outage_.recovered({{"topic", topic_}});
      backoff.reset();
      if (!more && !hinted_) co_await wake_.wait_until(Clock::now() + options_.interval);
    } else {
      co_await ending_.wait_until(Clock::now() + backoff.next());
    }
  }
}

/// Returns true if there is more to fetch at once, and room for it.
asio::awaitable<bool> Poller::pass() {
  bool more = false;
  plan_.begin_pass();
  while (true) {
    const auto request = plan_.next(sink_.room(), options_.batch);
    if (!request || stopping_) break;
    const auto start = Clock::now();
    removals_.poll_reads(request->base == empty_snapshot);
    auto result = co_await store_.poll(topic_, *request, start + statement_limit);
    if (stopping_) break;  // a retired topic has freed its memory
    ++counts_.polls;
    counts_.poll_seconds.observe(Clock::now() - start);
    const bool trust = co_await trusted(result);
    if (!trust) {
      begin_again();
      co_return true;
    }
    more = hand_over(*request, std::move(result)) || more;
  }
  sink_.pass_ended(plan_.short_of_room());
  removals_.poll_reads(false);
  const Room left = sink_.room();
  co_return more&& left.backlog > 0;
}

/// A result of another incarnation, or of a request from before the current one, must not move a cursor.
asio::awaitable<bool> Poller::trusted(const PollResult& result) {
  const auto verdict = incarnation_.observe(result.server);
  if (verdict == Incarnation::Verdict::empty)
    co_await store_.new_incarnation(base::random_uuid(), Clock::now() + statement_limit);
  const bool same = verdict == Incarnation::Verdict::same && generation_ == incarnation_.generation();
  if (same) server_ = result.server;
  co_return same;
}

void Poller::begin_again() {
  generation_ = incarnation_.generation();
  ++counts_.restarts;
  ++epoch_;
  foreign_checked_ = false;
  removals_.clear();
  plan_.restart();
  sink_.forget_all();
  log::info("the database server has changed; reading the queue from the beginning", {{"topic", topic_}});
}

bool Poller::hand_over(const PollRequest& request, PollResult result) {
  const bool more = plan_.apply(request, result);
  removals_.filter(result.rows);
  counts_.rows += sink_.take_in(std::move(result.rows), !request.backlog);
  return more;
}

asio::awaitable<void> Poller::adopt_foreign_rows() {
  owner_thread_.check();
  foreign_checked_ = true;
  std::size_t adopted = 0;
  try {
    for (std::size_t more = 1; more > 0 && !stopping_; adopted += more)
      more = co_await store_.adopt_foreign_rows(topic_, owned_, Clock::now() + statement_limit);
  } catch (...) {
    foreign_checked_ = false;
    throw;
  }
  counts_.foreign_rows += adopted;
  if (adopted > 0) log::warn("adopted rows of another cluster", {{"topic", topic_}, {"rows", adopted}});
}

}  // namespace prompted::mqreader
