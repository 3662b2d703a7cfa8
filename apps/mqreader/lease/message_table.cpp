#include "mqreader/lease/message_table.hpp"

#include <algorithm>
#include <unordered_set>
#include <utility>

namespace prompted::mqreader {

namespace {
// Bytes of a message beside its payload, as glibc's malloc counts them: 180, and 292 more for its lease if it is leased
// alone. Counted from the beginning, so that no lease is refused for lack of memory.
constexpr std::int64_t overhead = 480;
constexpr int expiry_factor = 10;  // a consumer that dies says little about the message (docs/queue.md)
}  // namespace

MessageTable::MessageTable(TableLimits limits, int partition_count) : limits_(limits), queues_(partition_count) {}

std::int64_t MessageTable::cost(const Message& message) {
  return static_cast<std::int64_t>(message.row.payload.size()) + overhead;
}

MessageTable::Message* MessageTable::find(std::int64_t id) {
  const auto found = messages_.find(id);
  return found == messages_.end() ? nullptr : &found->second;
}

bool MessageTable::add(Row row, bool fresh) {
  if (!queues_.owns(row.partition)) return false;
  if (Message* known = find(row.id)) {
    if (known->row.uuid == row.uuid) return false;
    erase(row.id);  // the id recurs after a failover: the old row no longer exists
  }
  const std::int64_t id = row.id;
  Message& message = messages_[id];
  message.row = std::move(row);
  message.fresh = fresh;
  message.next_attempt = message.row.attempts + 1;
  if (message.next_attempt > 1) ++redeliveries_;
  bytes_ += cost(message);
  if (!fresh) {
    ++backlog_messages_;
    backlog_bytes_ += cost(message);
  }
  if (message.row.attempts == 0) {
    ++ready_;
    push_ready(message, false);
  } else {  // delivered before, by another reader or an earlier life of this one: the new count is persisted first
    message.state = State::persisting;
    to_persist_.push_back(id);
  }
  return true;
}

void MessageTable::set_limit(const Memory& limit) {
  limits_.messages = limit.messages;
  limits_.bytes = limit.bytes;
}

Room MessageTable::room() const {
  const auto count = static_cast<std::int64_t>(messages_.size());
  // A page is requested in rows, but limited in bytes too: assume rows as large as those in memory, and at least 1 KiB.
  const std::int64_t row_bytes = count > 0 ? std::max<std::int64_t>(1024, bytes_ / count) : 1024;
  const auto left = [row_bytes](std::int64_t rows, std::int64_t bytes) {
    return std::max<std::int64_t>(0, std::min(rows, bytes / row_bytes));
  };
  Room room;
  room.fresh = left(limits_.messages - count, limits_.bytes - bytes_);
  const auto half = left(std::max<std::int64_t>(1, limits_.messages / 2) - backlog_messages_,
                         std::max<std::int64_t>(row_bytes, limits_.bytes / 2) - backlog_bytes_);
  room.backlog = std::min(room.fresh, half);
  if (count == 0) room.fresh = std::max<std::int64_t>(1, room.fresh);  // a row larger than the limit comes alone
  if (count == 0) room.backlog = std::max<std::int64_t>(1, room.backlog);
  room.bytes = limits_.bytes - bytes_;
  room.backlog_bytes = std::min(room.bytes, limits_.bytes / 2 - backlog_bytes_);
  return room;
}

void MessageTable::set_partitions(const std::vector<int>& owned) {
  queues_.set_owned(owned);
  std::vector<std::int64_t> lost;
  for (const auto& [id, message] : messages_) {
    const bool kept = queues_.owns(message.row.partition);
    if (!kept && (message.state == State::ready || message.state == State::delayed)) lost.push_back(id);
  }
  for (auto id : lost) erase(id);
}

void MessageTable::clear() {
  messages_.clear();
  queues_.clear();
  leases_.clear();
  delayed_.clear();
  to_persist_.clear();
  to_dead_letter_.clear();
  ++clears_;
  bytes_ = backlog_messages_ = backlog_bytes_ = 0;
  ready_ = leased_ = redeliveries_ = 0;
}

void MessageTable::set_state(Message& message, State state) {
  if (message.state == State::ready) --ready_;
  if (message.state == State::leased) --leased_;
  message.state = state;
  if (state == State::ready) ++ready_;
  if (state == State::leased) ++leased_;
}

void MessageTable::push_ready(const Message& message, bool front) {
  queues_.push(message.row.partition, message.row.id, front);
}

MessageTable::Message* MessageTable::pop_ready() {
  return queues_.pop([this](std::int64_t id) {
    Message* message = find(id);
    return message == nullptr || message->state != State::ready ? nullptr : message;
  });
}

void MessageTable::leave_lease(Message& message) {
  if (message.lease == 0) return;
  if (Lease* lease = leases_.leave(std::exchange(message.lease, 0))) shrink(*lease);
}

/// A lease of 10,000 messages must not keep all their ids for its last one.
void MessageTable::shrink(Lease& lease) {
  constexpr std::size_t few = 16;
  if (lease.ids.size() <= few + 4 * lease.open) return;
  std::erase_if(lease.ids, [&](std::int64_t id) {
    const Message* message = find(id);
    return message == nullptr || message->lease != lease.serial;
  });
  lease.ids.shrink_to_fit();
}

void MessageTable::erase(std::int64_t id) {
  const auto found = messages_.find(id);
  Message& message = found->second;
  leave_lease(message);
  set_state(message, State::dead_lettering);  // leaves the counts of ready and leased
  if (message.next_attempt > 1) --redeliveries_;
  bytes_ -= cost(message);
  if (!message.fresh) {
    --backlog_messages_;
    backlog_bytes_ -= cost(message);
  }
  messages_.erase(found);
}

Grant MessageTable::lease(const base::Uuid& lease_id, const std::string& consumer, std::size_t max,
                          base::Duration duration, base::TimePoint now, std::size_t max_bytes) {
  Grant grant;
  std::vector<std::int64_t> ids;
  std::size_t bytes = 0;
  while (ids.size() < max && bytes < max_bytes) {
    Message* message = pop_ready();
    if (message == nullptr) break;
    // A message never acked in so many deliveries is leased alone: only then is the next expiry its own fault.
    const bool suspect = message->next_attempt > limits_.max_attempts * expiry_factor;
    if (suspect && !ids.empty()) {
      push_ready(*message, true);
      break;
    }
    leave_lease(*message);
    set_state(*message, State::leased);
    message->lease = leases_.next_serial();
    ids.push_back(message->row.id);
    bytes += message->row.payload.size();
    grant.deliveries.push_back(
        {&message->row.uuid, message->next_attempt, message->row.partition, message->row.payload});
    ++counts_.deliveries;
    if (message->next_attempt > 1) ++counts_.redeliveries;
    if (suspect) break;
  }
  if (ids.empty()) return grant;
  ++counts_.leases;
  leases_.open(lease_id, consumer, std::move(ids), now + duration);
  return grant;
}

std::vector<MessageTable::Message*> MessageTable::members(const Lease& lease,
                                                          const std::optional<std::vector<base::Uuid>>& only,
                                                          std::initializer_list<State> states) {
  std::unordered_set<base::Uuid> named;
  if (only) named.insert(only->begin(), only->end());
  std::vector<Message*> found;
  for (auto id : lease.ids) {
    Message* message = find(id);
    if (message == nullptr || message->lease != lease.serial) continue;
    if (std::find(states.begin(), states.end(), message->state) == states.end()) continue;
    if (only && !named.contains(message->row.uuid)) continue;
    found.push_back(message);
  }
  return found;
}

std::vector<MessageKey> MessageTable::ack(const base::Uuid& lease_id, const std::string& consumer,
                                          const std::optional<std::vector<base::Uuid>>& only) {
  std::vector<MessageKey> keys;
  Lease* lease = leases_.find(lease_id, consumer);
  if (lease == nullptr) return keys;
  // Expired messages too, until they are leased again.
  for (Message* message : members(*lease, only, {State::ready, State::leased, State::persisting, State::delayed})) {
    set_state(*message, State::acked);
    keys.push_back({message->row.id, message->row.uuid});
  }
  counts_.acked += keys.size();
  return keys;
}

std::vector<std::int64_t> MessageTable::leaving(const base::Uuid& lease_id, const std::string& consumer,
                                                const std::optional<std::vector<base::Uuid>>& only, Leaving how) {
  std::vector<std::int64_t> ids;
  Lease* lease = leases_.find(lease_id, consumer);
  if (lease == nullptr) return ids;
  const State state = how == Leaving::acked ? State::acked : State::dead_lettering;
  for (const Message* message : members(*lease, only, {state})) ids.push_back(message->row.id);
  return ids;
}

bool MessageTable::any_leaving(const std::vector<std::int64_t>& ids) const {
  return std::any_of(ids.begin(), ids.end(), [this](std::int64_t id) {
    const auto found = messages_.find(id);
    return found != messages_.end() &&
           (found->second.state == State::acked || found->second.state == State::dead_lettering);
  });
}

MessageTable::Nacked MessageTable::nack(const base::Uuid& lease_id, const std::string& consumer,
                                        const std::optional<std::vector<base::Uuid>>& only, bool dead,
                                        const std::string& reason, base::Duration delay, base::TimePoint now,
                                        bool in_history) {
  Nacked result;
  Lease* lease = leases_.find(lease_id, consumer);
  if (lease == nullptr) return result;
  const auto shared_reason = std::make_shared<const std::string>(reason);
  // Not expired ones: their redelivery has already begun.
  for (Message* message : members(*lease, only, {State::leased})) {
    ++counts_.nacked;
    if (dead || message->next_attempt >= limits_.max_attempts) {
      set_state(*message, State::dead_lettering);
      result.dead.push_back({{message->row.id, message->row.uuid},
                             message->next_attempt,
                             shared_reason,
                             dead && in_history,
                             message->row.payload.size()});
    } else {
      message->not_before = now + delay;
      take_back(*message);
      ++result.requeued;
    }
  }
  counts_.dead_lettered += result.dead.size();
  return result;
}

void MessageTable::take_back_grant(const base::Uuid& lease_id) {
  const Lease* lease = leases_.find(lease_id);
  if (lease == nullptr) return;
  const auto ids = lease->ids;  // the lease ends with its last message
  const auto serial = lease->serial;
  for (auto id = ids.rbegin(); id != ids.rend(); ++id) {
    Message* message = find(*id);
    if (message == nullptr || message->lease != serial || message->state != State::leased) continue;
    leave_lease(*message);
    if (!queues_.owns(message->row.partition)) {
      erase(*id);
      continue;
    }
    set_state(*message, State::ready);
    push_ready(*message, true);
  }
}

bool MessageTable::extend(const base::Uuid& lease_id, const std::string& consumer, base::TimePoint until,
                          base::TimePoint now) {
  Lease* lease = leases_.find(lease_id, consumer);
  if (lease == nullptr || lease->expired || lease->until <= now) return false;
  const auto held = [&](std::int64_t id) {
    const Message* message = find(id);
    return message != nullptr && message->lease == lease->serial && message->state == State::leased;
  };
  if (std::none_of(lease->ids.begin(), lease->ids.end(), held)) return false;
  leases_.extend(lease_id, *lease, until);
  return true;
}

/// From leased to waiting for its next delivery, whose number is persisted first.
void MessageTable::take_back(Message& message) {
  if (++message.next_attempt == 2) ++redeliveries_;
  if (!queues_.owns(message.row.partition)) return erase(message.row.id);
  set_state(message, State::persisting);
  to_persist_.push_back(message.row.id);
}

void MessageTable::expire(const Lease& lease) {
  const bool alone = lease.granted == 1;
  const auto ids = lease.ids;  // take_back() may end the lease
  const auto serial = lease.serial;
  for (auto id : ids) {
    Message* message = find(id);
    if (message == nullptr || message->lease != serial || message->state != State::leased) continue;
    ++counts_.expired;
    if (alone && message->next_attempt > limits_.max_attempts * expiry_factor) {
      set_state(*message, State::dead_lettering);
      to_dead_letter_.push_back(id);
      ++counts_.dead_lettered;
    } else {
      take_back(*message);
    }
  }
}

void MessageTable::advance(base::TimePoint now) {
  while (const Lease* lease = leases_.next_expired(now)) expire(*lease);
  while (!delayed_.empty() && delayed_.begin()->first <= now) {
    Message* message = find(delayed_.begin()->second);
    delayed_.erase(delayed_.begin());
    if (message == nullptr || message->state != State::delayed) continue;
    set_state(*message, State::ready);
    push_ready(*message, true);
  }
}

base::TimePoint MessageTable::next_event() const {
  auto next = leases_.next_expiry();
  if (!delayed_.empty()) next = std::min(next, delayed_.begin()->first);
  return next;
}

std::vector<AttemptWrite> MessageTable::take_attempts(std::size_t most) {
  std::vector<AttemptWrite> writes;
  while (!to_persist_.empty() && writes.size() < most) {
    const Message* message = find(to_persist_.front());
    to_persist_.pop_front();
    if (message == nullptr || message->state != State::persisting) continue;
    writes.push_back({{message->row.id, message->row.uuid}, message->next_attempt});
  }
  return writes;
}

void MessageTable::redeliver(std::int64_t id, base::TimePoint now) {
  Message* message = find(id);
  if (message == nullptr || message->state != State::persisting) return;  // acked in the meantime
  if (!queues_.owns(message->row.partition)) return erase(id);
  if (message->not_before > now) {
    set_state(*message, State::delayed);
    delayed_.emplace(message->not_before, id);
    return;
  }
  set_state(*message, State::ready);
  push_ready(*message, true);
}

std::vector<DeadMessage> MessageTable::take_dead() {
  std::vector<DeadMessage> dead;
  const auto reason = std::make_shared<const std::string>("lease expired on every delivery");
  for (auto id : std::exchange(to_dead_letter_, {})) {
    const Message* message = find(id);
    if (message == nullptr) continue;
    dead.push_back({{id, message->row.uuid}, message->next_attempt, reason, false, message->row.payload.size()});
  }
  return dead;
}

void MessageTable::retry_attempts(const std::vector<AttemptWrite>& writes) {
  for (const auto& write : writes) to_persist_.push_back(write.key.id);
}

bool MessageTable::removed(const MessageKey& key) {
  const Message* message = find(key.id);
  const bool leaving =
      message != nullptr && (message->state == State::acked || message->state == State::dead_lettering);
  if (!leaving || message->row.uuid != key.uuid) return false;  // since read again, from another server
  erase(key.id);
  return true;
}

bool MessageTable::forgotten(const MessageKey& key) {
  const Message* message = find(key.id);
  if (message == nullptr || message->state != State::persisting || message->row.uuid != key.uuid) return false;
  ++counts_.forgotten;
  erase(key.id);
  return true;
}

std::map<int, std::uint64_t> MessageTable::lowest_xids() const {
  std::map<int, std::uint64_t> lowest;
  for (const auto& [id, message] : messages_) {
    const auto [found, is_new] = lowest.try_emplace(message.row.partition, message.row.xid);
    if (!is_new) found->second = std::min(found->second, message.row.xid);
  }
  return lowest;
}

std::map<int, MessageTable::Depth> MessageTable::depths() const {
  std::map<int, Depth> depths;
  for (const auto& [id, message] : messages_) {
    Depth& depth = depths[message.row.partition];
    ++depth.messages;
    if (message.state == State::leased) ++depth.leased;
    if (depth.oldest_created == 0 || message.row.created < depth.oldest_created)
      depth.oldest_created = message.row.created;
  }
  return depths;
}

}  // namespace prompted::mqreader
