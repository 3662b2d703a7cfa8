#include "mqreader/topic.hpp"

#include <utility>

#include "base/backoff.hpp"
#include "base/error.hpp"
#include "base/log.hpp"

namespace prompted::mqreader {

namespace asio = boost::asio;
using base::Clock;

namespace {
constexpr std::size_t writes_at_once = 1000;
constexpr std::size_t burials_at_once = 500;
constexpr std::size_t burial_bytes_at_once = 4 * 1024 * 1024;  // of payloads and reasons, and one message more
constexpr auto first_load_limit = std::chrono::seconds(2);
}  // namespace

Topic::Topic(asio::io_context& owner, std::string name, TopicOptions options, Stores stores,
             AckCommitter& ack_committer, Incarnation& incarnation, OwnershipLease& ownership_lease,
             std::shared_ptr<MemoryBudget> memory, PollSlots& slots)
    : owner_(owner),
      name_(std::move(name)),
      options_(options),
      stores_(stores),
      ack_committer_(ack_committer),
      incarnation_(incarnation),
      ownership_lease_(ownership_lease),
      slots_(slots),
      messages_(options.limits, options.partition_count),
      share_(std::move(memory), *this),
      wake_(owner),
      ready_(owner),
      upkeep_(owner),
      ending_(owner),
      loops_(owner),
      generation_(incarnation.generation()) {}

void Topic::start() {
  loops_.spawn("poll", poll_loop());
  loops_.spawn("upkeep", upkeep_loop());
  loops_.spawn("sweep", sweep_loop());
}

void Topic::stop() {
  stopping_ = true;
  wake_.notify();
  ready_.notify();
  upkeep_.notify();
  ending_.notify();
}

void Topic::retire() {
  stop();
  share_.want(false);
  messages_.clear();
  share_.freed();
}

void Topic::tell_freed() {
  wake_.notify();
  share_.freed();
}

void Topic::acks_completed(const std::vector<MessageKey>& keys, bool deleted) {
  if (deleted)
    for (const auto& key : keys) messages_.removed(key);
  tell_freed();
}

void Topic::set_partitions(const std::vector<int>& owned) {
  owned_ = owned;
  ++assignments_;
  foreign_checked_ = false;
  floors_.clear();
  messages_.set_partitions(owned);
  plan_.set_partitions(owned);
  wake();
  share_.freed();
}

asio::awaitable<Grant> Topic::lease(base::Uuid lease_id, std::string consumer, std::size_t max, base::Duration duration,
                                    base::TimePoint wait_until, const LeaseMemory& memory) {
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

asio::awaitable<std::size_t> Topic::ack(base::Uuid lease_id, std::string consumer,
                                        std::optional<std::vector<base::Uuid>> only, base::TimePoint deadline) {
  auto before = messages_.leaving(lease_id, consumer, only, MessageTable::Leaving::acked);
  auto keys = messages_.ack(lease_id, consumer, only);
  const std::size_t count = before.size() + keys.size();
  const auto generation = generation_;
  auto self = shared_from_this();
  const bool deleted = co_await ack_committer_.commit(std::move(self), std::move(keys), server_, deadline);
  co_await until_left(std::move(before), deadline);
  // What was read from a server that is gone comes again: the lease was as good as unknown.
  co_return deleted&& generation == generation_ ? count : 0;
}

/// The first lease of a topic loads it: an empty response would say that there is nothing. Once: a spare owns no partition.
asio::awaitable<void> Topic::until_loaded() {
  const auto limit = Clock::now() + first_load_limit;
  while (!loaded_ && !stopping_) {
    const bool in_time = co_await ready_.wait_until(limit);
    if (!in_time) loaded_ = true;
  }
}

void Topic::take_back_grant(const base::Uuid& lease_id) {
  messages_.take_back_grant(lease_id);
  if (messages_.ready() > 0) ready_.notify();
}

/// A repeated request waits for what the first one began.
asio::awaitable<void> Topic::until_left(std::vector<std::int64_t> ids, base::TimePoint deadline) {
  while (messages_.any_leaving(ids)) {
    const bool in_time = co_await wake_.wait_until(deadline);  // told when memory was freed
    if (!in_time && messages_.any_leaving(ids))
      throw base::Error(base::ErrorKind::expired, "the request before this one is not committed yet");
  }
}

asio::awaitable<Topic::NackResult> Topic::nack(base::Uuid lease_id, std::string consumer,
                                               std::optional<std::vector<base::Uuid>> only, bool dead,
                                               std::string reason, base::Duration delay, bool in_history,
                                               base::TimePoint deadline) {
  const auto generation = generation_;
  auto before = messages_.leaving(lease_id, consumer, only, MessageTable::Leaving::dead_lettering);
  auto nacked = messages_.nack(lease_id, consumer, only, dead, reason, delay, Clock::now(), in_history);
  upkeep_.notify();
  NackResult result;
  result.requeued = nacked.requeued;
  result.dead = before.size() + nacked.dead.size();
  bool moved = true;
  if (!nacked.dead.empty()) moved = co_await bury_by(std::move(nacked.dead), deadline);
  co_await until_left(std::move(before), deadline);
  if (!moved || generation != generation_) result = {};  // read again, from another server
  co_return result;
}

bool Topic::extend(const base::Uuid& lease_id, const std::string& consumer, base::Duration duration) {
  const auto now = Clock::now();
  const bool extended = messages_.extend(lease_id, consumer, now + duration, now);
  upkeep_.notify();  // it may end earlier now
  return extended;
}

/// Leases that run out, and the writes before a redelivery.
asio::awaitable<void> Topic::upkeep_loop() {
  while (!stopping_) {
    messages_.advance(Clock::now());
    if (messages_.ready() > 0) ready_.notify();
    if (messages_.needs_writes()) {
      co_await persist_attempts();
      auto burials = messages_.take_dead();
      if (!burials.empty()) {
        const bool buried = co_await bury(std::move(burials));
        static_cast<void>(buried);  // else they are read again, from another server
      }
    } else {
      co_await upkeep_.wait_until(messages_.next_event());
    }
  }
}

asio::awaitable<void> Topic::persist_attempts() {
  const auto writes = messages_.take_attempts(writes_at_once);
  if (writes.empty()) co_return;
  std::vector<std::int64_t> there;
  bool written = false;
  const auto generation = generation_;
  co_await ownership_lease_.wait();
  try {
    there = co_await stores_.lease.persist_attempts(writes, Clock::now() + std::chrono::seconds(10));
    written = true;
  } catch (const std::exception& error) {
    failed("attempts", error);
  }
  if (generation != generation_) co_return;  // of rows that were read from another server
  if (!written) {
    messages_.retry_attempts(writes);
    co_await upkeep_.wait_until(Clock::now() + std::chrono::milliseconds(200));
    co_return;
  }
  const auto now = Clock::now();
  for (auto id : there) messages_.redeliver(id, now);
  const std::unordered_set<std::int64_t> known(there.begin(), there.end());
  for (const auto& write : writes)
    if (!known.contains(write.key.id)) messages_.forgotten(write.key);
  if (there.size() < writes.size()) share_.freed();
  if (messages_.ready() > 0) ready_.notify();
}

struct Topic::Burial {
  explicit Burial(asio::io_context& owner) : changed(owner) {}
  base::Signal changed;
  bool done = false;
  bool moved = false;
};

asio::awaitable<bool> Topic::bury_by(std::vector<Write> writes, base::TimePoint deadline) {
  const auto burial = std::make_shared<Burial>(owner_);
  loops_.spawn("burial", bury_and_tell(std::move(writes), burial));
  while (!burial->done) {
    const bool in_time = co_await burial->changed.wait_until(deadline);
    if (!in_time && !burial->done)
      throw base::Error(base::ErrorKind::expired, "the move to dead_letters is not committed yet");
  }
  co_return burial->moved;
}

asio::awaitable<void> Topic::bury_and_tell(std::vector<Write> writes, std::shared_ptr<Burial> burial) {
  burial->moved = co_await bury(std::move(writes));
  burial->done = true;
  burial->changed.notify();
}

/// Retried until it is done: the consumer has given its verdict. False: the server is another one, and what was not moved
/// yet is read again.
asio::awaitable<bool> Topic::bury(std::vector<Write> writes) {
  const ServerId server = server_;
  std::size_t moved = 0;
  while (moved < writes.size()) {
    auto batch = next_burial(writes, moved);
    const std::size_t count = batch.size();
    const bool same_server = co_await bury_batch(std::move(batch), server);
    if (!same_server) break;
    moved += count;
  }
  if (moved > 0)
    log::warn("messages moved to dead_letters", {{"topic", name_},
                                                 {"messages", moved},
                                                 {"first_msg_uuid", base::to_string(writes.front().key.uuid)},
                                                 {"reason", *writes.front().reason}});
  co_return moved == writes.size();
}

/// One statement's worth: PostgreSQL holds all its rows, and a long transaction would keep the others' from being cleaned up.
std::vector<Write> Topic::next_burial(const std::vector<Write>& writes, std::size_t first) {
  std::vector<Write> batch;
  std::size_t bytes = 0;
  for (auto at = first; at < writes.size() && batch.size() < burials_at_once && bytes < burial_bytes_at_once; ++at) {
    bytes += writes[at].payload_bytes + writes[at].reason->size();
    batch.push_back(writes[at]);
  }
  return batch;
}

asio::awaitable<bool> Topic::bury_batch(std::vector<Write> writes, ServerId server) {
  base::Backoff backoff(std::chrono::milliseconds(20), std::chrono::milliseconds(1000));
  Buried result = Buried::failed;
  while (result == Buried::failed) {
    result = co_await try_bury(writes, server);
    if (result == Buried::failed) co_await base::sleep_for(backoff.next());
  }
  if (result == Buried::other_server) incarnation_.is_gone(server);
  for (const auto& write : writes)
    if (result == Buried::yes) messages_.removed(write.key);
  tell_freed();
  co_return result == Buried::yes;
}

asio::awaitable<Topic::Buried> Topic::try_bury(std::vector<Write> writes, ServerId server) {
  co_await ownership_lease_.wait();
  try {
    const bool same = co_await stores_.dead_letters.bury(std::move(writes), std::move(server),
                                                         Clock::now() + std::chrono::seconds(10));
    co_return same ? Buried::yes : Buried::other_server;
  } catch (const std::exception& error) {
    failed("dead letters", error);
  }
  co_return Buried::failed;
}

void Topic::failed(const char* what, const std::exception& error) {
  if (!std::exchange(outage_, true))
    log::warn("database operation failed; retrying", {{"topic", name_}, {"what", what}, {"error", error.what()}});
}

}  // namespace prompted::mqreader
