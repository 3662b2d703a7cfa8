#include "mqreader/topic.hpp"

#include <algorithm>
#include <utility>

#include "base/error.hpp"

namespace prompted::mqreader {

namespace asio = boost::asio;
using base::Clock;

namespace {

constexpr auto first_load_limit = std::chrono::seconds(2);
constexpr auto pause_after_failure = std::chrono::milliseconds(200);

SweepOptions sweep_options(const TopicOptions& options) {
  return {.interval = options.sweep_interval, .most_rows = options.limits.messages + 1};
}

}  // namespace

Topic::Topic(asio::io_context& owner, std::string name, TopicOptions options, Stores stores,
             AckCommitter& ack_committer, Incarnation& incarnation, OwnershipLease& ownership_lease,
             std::shared_ptr<MemoryBudget> memory, PollSlots& slots)
    : name_(std::move(name)),
      ack_committer_(ack_committer),
      ownership_lease_(ownership_lease),
      messages_(options.limits, options.partition_count),
      share_(std::move(memory), *this),
      poller_(owner, name_, options.poll, stores.poll, incarnation, slots, *this, outage_),
      sweeper_(owner, name_, sweep_options(options), stores.poll, incarnation, poller_, *this, outage_),
      redelivery_(name_, messages_, stores.lease, ownership_lease, outage_),
      dead_letters_(
          owner, name_, stores.dead_letters, ownership_lease, incarnation, outage_,
          [this](const std::vector<DeadMessage>& batch, bool moved) { dead_letters_completed(batch, moved); }),
      ready_(owner),
      upkeep_(owner),
      freed_(owner),
      loops_(owner) {}

void Topic::start() {
  owner_thread_.check();
  loops_.spawn("poll", poller_.loop());
  loops_.spawn("upkeep", upkeep_loop());
  loops_.spawn("sweep", sweeper_.loop());
}

void Topic::stop() {
  owner_thread_.check();
  stopping_ = true;
  poller_.stop();
  sweeper_.stop();
  ready_.notify();
  upkeep_.notify();
}

asio::awaitable<void> Topic::stopped(base::TimePoint deadline) {
  co_await loops_.finished(deadline);
  co_await dead_letters_.finished(deadline);
}

void Topic::retire() {
  stop();
  share_.want(false);
  messages_.clear();
  share_.freed();
}

void Topic::set_partitions(const std::vector<int>& owned) {
  owner_thread_.check();
  owns_any_ = !owned.empty();
  messages_.set_partitions(owned);
  poller_.set_partitions(owned);
  share_.freed();
}

// ---- rows from the poll

Room Topic::room() {
  messages_.set_limit(share_.limit());
  return messages_.room();
}

std::size_t Topic::take_in(std::vector<Row> rows, bool fresh) {
  std::size_t added = 0;
  for (auto& row : rows)
    if (messages_.add(std::move(row), fresh)) ++added;
  if (messages_.ready() > 0) ready_.notify();
  if (messages_.needs_writes()) upkeep_.notify();
  return added;
}

void Topic::pass_ended(bool short_of_room) {
  share_.want(short_of_room && !stopping_);
  if (owns_any_ && !std::exchange(loaded_, true)) ready_.notify();
}

void Topic::forget_all() {
  messages_.clear();
  tell_freed();
}

std::vector<std::int64_t> Topic::missing(const std::vector<MessageKey>& keys, std::size_t most) const {
  std::vector<std::int64_t> ids;
  for (const auto& key : keys)
    if (ids.size() < most && !messages_.knows(key.id)) ids.push_back(key.id);
  return ids;
}

// ---- rows that have left the queue

void Topic::acks_completed(const std::vector<MessageKey>& keys, bool deleted) {
  owner_thread_.check();
  if (deleted)
    for (const auto& key : keys) row_removed(key);
  tell_freed();
}

void Topic::dead_letters_completed(const std::vector<DeadMessage>& messages, bool moved) {
  if (moved)
    for (const auto& message : messages) row_removed(message.key);
  tell_freed();
}

void Topic::row_removed(const MessageKey& key) {
  if (messages_.removed(key)) poller_.row_removed(key.id);
}

/// Wakes coroutines that wait for messages to leave memory, or for room.
void Topic::tell_freed() {
  freed_.notify();
  poller_.room_freed();
  share_.freed();
}

// ---- requests

asio::awaitable<Grant> Topic::lease(base::Uuid lease_id, std::string consumer, std::size_t max, base::Duration duration,
                                    base::TimePoint wait_until, const LeaseMemory& memory) {
  owner_thread_.check();
  if (!loaded_) co_await until_loaded();
  while ((messages_.ready() == 0 || !ownership_lease_.holds()) && !stopping_) {
    const bool in_time = co_await ready_.wait_until(wait_until);
    if (!in_time) break;
  }
  Grant grant;
  if (stopping_ || !ownership_lease_.holds()) co_return grant;
  const auto now = Clock::now();
  messages_.advance(now);
  grant = messages_.lease(lease_id, consumer, max, duration, now, memory.next());
  if (!grant.deliveries.empty()) upkeep_.notify();
  co_return grant;
}

/// The first lease of a topic loads it: an empty response would say that there is nothing. Only once, because a spare
/// reader owns no partition and never loads.
asio::awaitable<void> Topic::until_loaded() {
  const auto limit = Clock::now() + first_load_limit;
  while (!loaded_ && !stopping_) {
    const bool in_time = co_await ready_.wait_until(limit);
    if (!in_time) loaded_ = true;
  }
}

asio::awaitable<std::size_t> Topic::ack(base::Uuid lease_id, std::string consumer,
                                        std::optional<std::vector<base::Uuid>> only, base::TimePoint deadline) {
  owner_thread_.check();
  auto before = messages_.leaving(lease_id, consumer, only, MessageTable::Leaving::acked);
  auto keys = messages_.ack(lease_id, consumer, only);
  const std::size_t count = before.size() + keys.size();
  const auto clears = messages_.clears();
  auto self = shared_from_this();
  const bool deleted = co_await ack_committer_.commit(std::move(self), std::move(keys), poller_.server(), deadline);
  co_await until_left(std::move(before), deadline);
  // Messages read from a previous server will be read again, so the lease counts as unknown.
  co_return deleted&& clears == messages_.clears() ? count : 0;
}

/// A retried request waits for what the first one began.
asio::awaitable<void> Topic::until_left(std::vector<std::int64_t> ids, base::TimePoint deadline) {
  while (messages_.any_leaving(ids)) {
    const bool in_time = co_await freed_.wait_until(deadline);
    if (!in_time && messages_.any_leaving(ids))
      throw base::Error(base::ErrorKind::expired, "the request before this one is not committed yet");
  }
}

asio::awaitable<Topic::NackResult> Topic::nack(base::Uuid lease_id, std::string consumer,
                                               std::optional<std::vector<base::Uuid>> only, bool dead,
                                               std::string reason, base::Duration delay, bool in_history,
                                               base::TimePoint deadline) {
  owner_thread_.check();
  const auto clears = messages_.clears();
  auto before = messages_.leaving(lease_id, consumer, only, MessageTable::Leaving::dead_lettering);
  auto nacked = messages_.nack(lease_id, consumer, only, dead, reason, delay, Clock::now(), in_history);
  upkeep_.notify();
  NackResult result;
  result.requeued = nacked.requeued;
  result.dead = before.size() + nacked.dead.size();
  bool moved = true;
  if (!nacked.dead.empty()) moved = co_await dead_letters_.move_by(std::move(nacked.dead), poller_.server(), deadline);
  co_await until_left(std::move(before), deadline);
  if (!moved || clears != messages_.clears()) result = {};  // they will be read again, from the new server
  co_return result;
}

void Topic::take_back_grant(const base::Uuid& lease_id) {
  owner_thread_.check();
  messages_.take_back_grant(lease_id);
  if (messages_.ready() > 0) ready_.notify();
}

bool Topic::extend(const base::Uuid& lease_id, const std::string& consumer, base::Duration duration) {
  owner_thread_.check();
  const auto now = Clock::now();
  const bool extended = messages_.extend(lease_id, consumer, now + duration, now);
  upkeep_.notify();  // it may end earlier now
  return extended;
}

// ---- leases that run out, and the writes before a redelivery

asio::awaitable<void> Topic::upkeep_loop() {
  while (!stopping_) {
    messages_.advance(Clock::now());
    if (messages_.ready() > 0) ready_.notify();
    if (messages_.needs_writes()) {
      co_await persist_attempts();
      auto dead = messages_.take_dead();
      // Those that are not moved will be read again, from another server.
      if (!dead.empty()) co_await dead_letters_.move(std::move(dead), poller_.server());
    } else {
      co_await upkeep_.wait_until(messages_.next_event());
    }
  }
}

asio::awaitable<void> Topic::persist_attempts() {
  const auto result = co_await redelivery_.persist_attempts();
  for (auto id : result.gone) poller_.row_removed(id);
  if (!result.gone.empty()) share_.freed();
  if (messages_.ready() > 0) ready_.notify();
  if (result.failed) co_await upkeep_.wait_until(Clock::now() + pause_after_failure);
}

}  // namespace prompted::mqreader
