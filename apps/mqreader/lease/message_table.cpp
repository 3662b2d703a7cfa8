#include "mqreader/lease/message_table.hpp"

#include <algorithm>
#include <utility>

namespace prompted::mqreader {

namespace {
// Of a message beside its payload, as glibc's malloc counts it: 180 bytes, and 292 more for a lease when it is leased alone.
// Taken from the beginning: a lease is never refused for want of memory.
constexpr std::int64_t overhead = 480;
}  // namespace

MessageTable::MessageTable(TableLimits limits, int partition_count)
    : limits_(limits), queues_(static_cast<std::size_t>(partition_count)) {}

std::int64_t MessageTable::cost(const Message& message) {
  return static_cast<std::int64_t>(message.row.payload.size()) + overhead;
}

MessageTable::Message* MessageTable::find(std::int64_t id) {
  const auto found = messages_.find(id);
  return found == messages_.end() ? nullptr : &found->second;
}

bool MessageTable::add(Row row, bool fresh, base::TimePoint) {
  if (row.partition < 0 || row.partition >= static_cast<int>(queues_.size())) return false;
  if (!queues_[static_cast<std::size_t>(row.partition)].owned || removed_.contains(row.id)) return false;
  if (Message* known = find(row.id)) {
    if (known->row.uuid == row.uuid) return false;
    erase(row.id);  // the id recurs after a failover: the old row is no more
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
  // What a page brings is known in rows, its limit is in bytes too: assume rows as large as those here, and at least 1 KiB.
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
  for (auto& queue : queues_) queue.owned = false;
  for (int key : owned) queues_.at(static_cast<std::size_t>(key)).owned = true;
  std::vector<std::int64_t> lost;
  for (const auto& [id, message] : messages_) {
    const bool kept = queues_[static_cast<std::size_t>(message.row.partition)].owned;
    if (!kept && (message.state == State::ready || message.state == State::delayed)) lost.push_back(id);
  }
  for (auto id : lost) erase(id);
}

void MessageTable::clear() {
  messages_.clear();
  for (auto& queue : queues_) {
    queue.ids.clear();
    queue.listed = false;
  }
  turn_.clear();
  leases_.clear();
  by_serial_.clear();
  expiries_.clear();
  delayed_.clear();
  to_persist_.clear();
  to_dead_letter_.clear();
  removed_.clear();
  bytes_ = backlog_messages_ = backlog_bytes_ = 0;
  ready_ = leased_ = redeliveries_ = 0;
}

void MessageTable::watch_removals(bool on) {
  poll_watches_ = on;
  if (!poll_watches_ && !sweep_watches_) removed_.clear();
}

void MessageTable::watch_sweep(bool on) {
  sweep_watches_ = on;
  if (!poll_watches_ && !sweep_watches_) removed_.clear();
}

void MessageTable::set_state(Message& message, State state) {
  if (message.state == State::ready) --ready_;
  if (message.state == State::leased) --leased_;
  message.state = state;
  if (state == State::ready) ++ready_;
  if (state == State::leased) ++leased_;
}

void MessageTable::push_ready(Message& message, bool front) {
  auto& queue = queues_[static_cast<std::size_t>(message.row.partition)];
  if (front) queue.ids.push_front(message.row.id);
  else queue.ids.push_back(message.row.id);
  if (std::exchange(queue.listed, true)) return;
  turn_.push_back(message.row.partition);
}

MessageTable::Message* MessageTable::pop_ready() {
  while (!turn_.empty()) {
    const int partition = turn_.front();
    turn_.pop_front();
    auto& queue = queues_[static_cast<std::size_t>(partition)];
    while (!queue.ids.empty()) {
      Message* message = find(queue.ids.front());
      queue.ids.pop_front();
      if (message == nullptr || message->state != State::ready) continue;
      if (queue.ids.empty()) queue.listed = false;
      else turn_.push_back(partition);
      return message;
    }
    queue.listed = false;
  }
  return nullptr;
}

void MessageTable::leave_lease(Message& message) {
  if (message.lease == 0) return;
  const auto serial = by_serial_.find(std::exchange(message.lease, 0));
  if (serial == by_serial_.end()) return;
  const auto lease = leases_.find(serial->second);
  if (--lease->second.open > 0) return shrink(lease->second);
  const auto [first, last] = expiries_.equal_range(lease->second.look_at);
  const auto expiry = std::find_if(first, last, [&](const auto& entry) { return entry.second == lease->first; });
  if (expiry != last) expiries_.erase(expiry);
  leases_.erase(lease);
  by_serial_.erase(serial);
}

/// What one message of a lease keeps must not be the ids of the other 9,999.
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

void MessageTable::remember_removal(std::int64_t id) {
  if (poll_watches_ || sweep_watches_) removed_.insert(id);
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
