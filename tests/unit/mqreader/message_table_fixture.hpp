#pragma once
// A MessageTable with a clock set by the test, and shorthands for a consumer's actions.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "mqreader/lease/message_table.hpp"

namespace prompted::mqreader {

using namespace std::chrono_literals;

inline base::Uuid uuid_of(std::int64_t n, std::uint8_t family = 0) {
  base::Uuid uuid;
  uuid.bytes[0] = family;
  for (std::size_t i = 0; i < 8; ++i) uuid.bytes[15 - i] = static_cast<std::uint8_t>(n >> (8 * i));
  return uuid;
}

inline Row row_of(std::int64_t id, int partition = 0, int attempts = 0, std::string payload = "{}") {
  Row row;
  row.id = id;
  row.xid = static_cast<std::uint64_t>(id);
  row.partition = partition;
  row.uuid = uuid_of(id);
  row.attempts = attempts;
  row.created = 1000.0 + static_cast<double>(id);
  row.payload = std::move(payload);
  return row;
}

class StoreTest : public testing::Test {
 protected:
  StoreTest() : StoreTest(TableLimits()) {}
  explicit StoreTest(TableLimits limits) : store(limits, 4) { store.set_partitions({0, 1, 2, 3}); }

  bool add(std::int64_t id, int partition = 0) { return store.add(row_of(id, partition), true); }
  void add_all(std::int64_t first, std::int64_t last) {
    for (auto id = first; id <= last; ++id) ASSERT_TRUE(add(id));
  }
  static MessageKey key_of(int id) { return {id, uuid_of(id)}; }
  /// Leases messages; returns the granted ids in order.
  std::vector<std::int64_t> lease(int lease_number, std::size_t max = 100, const std::string& consumer = "c") {
    std::vector<std::int64_t> ids;
    last_grant = store.lease(uuid_of(lease_number, 1), consumer, max, 30s, now);
    for (const auto& delivery : last_grant.deliveries)
      ids.push_back(delivery.uuid->bytes[15] + 256 * delivery.uuid->bytes[14]);
    return ids;
  }
  std::size_t ack(int lease_number, std::optional<std::vector<base::Uuid>> only = {},
                  const std::string& consumer = "c") {
    const auto keys = store.ack(uuid_of(lease_number, 1), consumer, only);
    for (const auto& key : keys) store.removed(key);
    return keys.size();
  }
  MessageTable::Nacked nack(int lease_number, base::Duration delay = 0s, bool dead = false,
                            const std::string& consumer = "c") {
    return store.nack(uuid_of(lease_number, 1), consumer, std::nullopt, dead, "because", delay, now);
  }
  bool extend(int lease_number, base::Duration by = 30s, const std::string& consumer = "c") {
    return store.extend(uuid_of(lease_number, 1), consumer, now + by, now);
  }
  void pass(base::Duration time) {
    now += time;
    store.advance(now);
  }
  /// Completes every pending write successfully; returns their number.
  std::size_t persist() {
    const auto writes = store.take_attempts(1000);
    for (const auto& write : writes) store.redeliver(write.key.id, now);
    return writes.size();
  }

  base::TimePoint now = base::TimePoint{} + 1000s;
  MessageTable store;
  Grant last_grant;
};

}  // namespace prompted::mqreader
