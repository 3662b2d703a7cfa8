#include "mqreader/lease/lease_store.hpp"

#include <unordered_set>

#include "mqreader/bound_statement.hpp"
#include "mqreader/lease/sql.hpp"

namespace prompted::mqreader {

namespace {

using pg::Array;
using pg::ElementType;

BoundResult run_remove(pg::Session& session, const std::vector<MessageKey>& keys, const ServerId& server) {
  Array ids(ElementType::int8, keys.size() * 12), uuids(ElementType::uuid, keys.size() * 20);
  for (const auto& key : keys) {
    ids.add(key.id);
    uuids.add(key.uuid);
  }
  return BoundResult(
      session.exec(sql::delete_messages, pg::binary(ids), pg::binary(uuids), server.incarnation, server.start));
}

std::vector<std::int64_t> run_persist_attempts(pg::Session& session, const std::vector<AttemptWrite>& writes) {
  Array ids(ElementType::int8), uuids(ElementType::uuid), attempts(ElementType::int4);
  for (const auto& write : writes) {
    ids.add(write.key.id);
    uuids.add(write.key.uuid);
    attempts.add(static_cast<std::int32_t>(write.attempts));
  }
  const auto result = session.exec(sql::persist_attempts, pg::binary(ids), pg::binary(uuids), pg::binary(attempts));
  std::vector<std::int64_t> there;
  for (const auto& columns : result) there.push_back(columns[0].as<std::int64_t>());
  return there;
}

}  // namespace

boost::asio::awaitable<bool> LeaseStore::remove(std::vector<MessageKey> keys, ServerId server,
                                                base::TimePoint deadline) {
  auto work = [keys = std::move(keys), server = std::move(server)](pg::Session& session) {
    return run_bound([&] { return run_remove(session, keys, server); }, keys.size());
  };
  return database_.run(std::move(work), deadline);
}

boost::asio::awaitable<std::vector<std::int64_t>> LeaseStore::persist_attempts(std::vector<AttemptWrite> writes,
                                                                               base::TimePoint deadline) {
  auto work = [writes = std::move(writes)](pg::Session& session) {
    auto there = run_persist_attempts(session, writes);
    if (there.size() == writes.size()) return there;
    const std::unordered_set<std::int64_t> met(there.begin(), there.end());
    std::vector<AttemptWrite> others;
    for (const auto& write : writes)
      if (!met.contains(write.key.id)) others.push_back(write);
    for (auto id : run_persist_attempts(session, others)) there.push_back(id);
    return there;
  };
  return database_.run(std::move(work), deadline);
}

}  // namespace prompted::mqreader
