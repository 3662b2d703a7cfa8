// The consumers' half of MessageTable: leases, acks, nacks, expiry, and what must be written before a redelivery.
#include <algorithm>
#include <boost/uuid/name_generator_sha1.hpp>
#include <utility>

#include "mqreader/lease/message_table.hpp"

namespace prompted::mqreader {

namespace {
constexpr int expiry_factor = 10;  // a consumer that dies is no proof against the message (DESIGN section 4)
}  // namespace

Grant MessageTable::lease(const base::Uuid& lease_id, const std::string& consumer, std::size_t max,
                          base::Duration duration, base::TimePoint now, std::size_t max_bytes) {
  Grant grant;
  Lease lease;
  lease.serial = serials_ + 1;
  std::size_t bytes = 0;
  while (lease.ids.size() < max && bytes < max_bytes) {
    Message* message = pop_ready();
    if (message == nullptr) break;
    // One that was never acked in so many deliveries goes out alone: only then is the next expiry its own fault.
    const bool suspect = message->next_attempt > limits_.max_attempts * expiry_factor;
    if (suspect && !lease.ids.empty()) {
      push_ready(*message, true);
      break;
    }
    leave_lease(*message);
    set_state(*message, State::leased);
    message->lease = lease.serial;
    lease.ids.push_back(message->row.id);
    bytes += message->row.payload.size();
    grant.deliveries.push_back(
        {&message->row.uuid, message->next_attempt, message->row.partition, message->row.payload});
    ++counts_.deliveries;
    if (message->next_attempt > 1) ++counts_.redeliveries;
    if (suspect) break;
  }
  if (lease.ids.empty()) return grant;
  ++serials_;
  ++counts_.leases;
  lease.consumer = digest_of(consumer);
  lease.ids.shrink_to_fit();
  lease.granted = lease.ids.size();
  lease.until = lease.look_at = now + duration;
  lease.open = lease.ids.size();
  expiries_.emplace(lease.until, lease_id);
  by_serial_.emplace(lease.serial, lease_id);
  leases_.emplace(lease_id, std::move(lease));
  return grant;
}

MessageTable::Lease* MessageTable::find_lease(const base::Uuid& id, const std::string& consumer) {
  const auto found = leases_.find(id);
  return found == leases_.end() || found->second.consumer != digest_of(consumer) ? nullptr : &found->second;
}

base::Uuid MessageTable::digest_of(const std::string& consumer) {
  const auto digest = boost::uuids::name_generator_sha1(boost::uuids::ns::oid())(consumer.data(), consumer.size());
  base::Uuid uuid;
  std::copy(digest.begin(), digest.end(), uuid.bytes.begin());
  return uuid;
}

std::vector<MessageTable::Message*> MessageTable::members(Lease& lease,
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
  Lease* lease = find_lease(lease_id, consumer);
  if (lease == nullptr) return keys;
  // An expired one too, until it is leased again.
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
  Lease* lease = find_lease(lease_id, consumer);
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
  Lease* lease = find_lease(lease_id, consumer);
  if (lease == nullptr) return result;
  const auto shared_reason = std::make_shared<const std::string>(reason);
  // Not those that expired: they are on their way to a redelivery already.
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
  const auto found = leases_.find(lease_id);
  if (found == leases_.end()) return;
  const auto ids = found->second.ids;  // the lease ends with its last message
  const auto serial = found->second.serial;
  for (auto id = ids.rbegin(); id != ids.rend(); ++id) {
    Message* message = find(*id);
    if (message == nullptr || message->lease != serial || message->state != State::leased) continue;
    leave_lease(*message);
    if (!queues_[static_cast<std::size_t>(message->row.partition)].owned) {
      erase(*id);
      continue;
    }
    set_state(*message, State::ready);
    push_ready(*message, true);
  }
}

bool MessageTable::extend(const base::Uuid& lease_id, const std::string& consumer, base::TimePoint until,
                          base::TimePoint now) {
  Lease* lease = find_lease(lease_id, consumer);
  if (lease == nullptr || lease->expired || lease->until <= now) return false;
  const auto held = [&](std::int64_t id) {
    const Message* message = find(id);
    return message != nullptr && message->lease == lease->serial && message->state == State::leased;
  };
  if (std::none_of(lease->ids.begin(), lease->ids.end(), held)) return false;
  lease->until = until;
  if (until <
      lease->look_at) {  // a later end needs no second entry: however often it is extended, expiries_ does not grow
    lease->look_at = until;
    expiries_.emplace(until, lease_id);
  }
  return true;
}

/// From leased to waiting for its next delivery, whose number is persisted first.
void MessageTable::take_back(Message& message) {
  if (++message.next_attempt == 2) ++redeliveries_;
  if (!queues_[static_cast<std::size_t>(message.row.partition)].owned) return erase(message.row.id);
  set_state(message, State::persisting);
  to_persist_.push_back(message.row.id);
}

void MessageTable::expire(Lease& lease) {
  lease.expired = true;
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
  while (!expiries_.empty() && expiries_.begin()->first <= now) {
    const auto [at, id] = *expiries_.begin();
    expiries_.erase(expiries_.begin());
    const auto found = leases_.find(id);
    if (found == leases_.end() || found->second.expired || found->second.look_at != at) continue;
    Lease& lease = found->second;
    if (lease.until <= now) {
      expire(lease);
    } else {
      lease.look_at = lease.until;
      expiries_.emplace(lease.until, id);
    }
  }
  while (!delayed_.empty() && delayed_.begin()->first <= now) {
    Message* message = find(delayed_.begin()->second);
    delayed_.erase(delayed_.begin());
    if (message == nullptr || message->state != State::delayed) continue;
    set_state(*message, State::ready);
    push_ready(*message, true);
  }
}

base::TimePoint MessageTable::next_event() const {
  auto next = base::never;
  if (!expiries_.empty()) next = expiries_.begin()->first;
  if (!delayed_.empty()) next = std::min(next, delayed_.begin()->first);
  return next;
}

std::vector<Write> MessageTable::take_attempts(std::size_t most) {
  std::vector<Write> writes;
  while (!to_persist_.empty() && writes.size() < most) {
    const Message* message = find(to_persist_.front());
    to_persist_.pop_front();
    if (message == nullptr || message->state != State::persisting) continue;
    writes.push_back({{message->row.id, message->row.uuid}, message->next_attempt, nullptr, false, 0});
  }
  return writes;
}

void MessageTable::redeliver(std::int64_t id, base::TimePoint now) {
  Message* message = find(id);
  if (message == nullptr || message->state != State::persisting) return;  // acked meanwhile
  if (!queues_[static_cast<std::size_t>(message->row.partition)].owned) return erase(id);
  if (message->not_before > now) {
    set_state(*message, State::delayed);
    delayed_.emplace(message->not_before, id);
    return;
  }
  set_state(*message, State::ready);
  push_ready(*message, true);
}

std::vector<Write> MessageTable::take_dead() {
  std::vector<Write> writes;
  const auto reason = std::make_shared<const std::string>("lease expired on every delivery");
  for (auto id : std::exchange(to_dead_letter_, {})) {
    const Message* message = find(id);
    if (message == nullptr) continue;
    writes.push_back({{id, message->row.uuid}, message->next_attempt, reason, false, message->row.payload.size()});
  }
  return writes;
}

void MessageTable::retry_attempts(const std::vector<Write>& writes) {
  for (const auto& write : writes) to_persist_.push_back(write.key.id);
}

void MessageTable::removed(const MessageKey& key) {
  const Message* message = find(key.id);
  const bool leaving =
      message != nullptr && (message->state == State::acked || message->state == State::dead_lettering);
  if (!leaving || message->row.uuid != key.uuid) return;  // read again meanwhile, from another server
  erase(key.id);
  remember_removal(key.id);
}

void MessageTable::forgotten(const MessageKey& key) {
  const Message* message = find(key.id);
  if (message == nullptr || message->state != State::persisting || message->row.uuid != key.uuid) return;
  ++counts_.forgotten;
  erase(key.id);
  remember_removal(key.id);
}

}  // namespace prompted::mqreader
