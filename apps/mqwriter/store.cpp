#include "mqwriter/store.hpp"

#include <algorithm>
#include <set>
#include <tuple>
#include <unordered_map>

#include "mqwriter/sql.hpp"
#include "postgres/session.hpp"

namespace prompted::mqwriter {

namespace {

struct Row {
  const Publish* publish;
  const Publish::Message* message;
};

/// The batch's messages in the order of their ids. Ids of this writer ascend as they were made, so most often it is
/// there.
std::vector<Row> rows_in_order(const Publishes& batch) {
  std::vector<Row> rows;
  for (const auto& publish : batch)
    for (const auto& message : publish->messages) rows.push_back({publish.get(), &message});
  const auto by_id = [](const Row& a, const Row& b) {
    return std::tie(a.message->uuid, a.publish->topic) < std::tie(b.message->uuid, b.publish->topic);
  };
  if (!std::is_sorted(rows.begin(), rows.end(), by_id)) std::stable_sort(rows.begin(), rows.end(), by_id);
  return rows;
}

pqxx::result insert_rows(pg::Session& session, const pg::Statement& statement, const std::vector<Row>& rows,
                         std::size_t bytes) {
  pg::Array topics(pg::ElementType::text), topic_of(pg::ElementType::int4, rows.size() * 8);
  pg::Array ids(pg::ElementType::uuid, rows.size() * 20);
  pg::Array payloads(pg::ElementType::jsonb, bytes + rows.size() * 5);
  pg::Array partitions(pg::ElementType::int4, rows.size() * 8);
  std::unordered_map<std::string_view, std::int32_t> places;
  for (const auto& [publish, message] : rows) {
    const auto [place, is_new] = places.try_emplace(publish->topic, static_cast<std::int32_t>(places.size() + 1));
    if (is_new) topics.add(std::string_view(publish->topic));
    topic_of.add(place->second);
    ids.add(message->uuid);
    payloads.add(message->text);
    partitions.add(static_cast<std::int32_t>(message->partition));
  }
  return session.exec(statement, pg::binary(topics), pg::binary(topic_of), pg::binary(ids), pg::binary(payloads),
                      pg::binary(partitions));
}

/// Two publishes of one batch with one id: `ON CONFLICT` cannot compare what the statement itself inserts.
bool one_id_two_texts(const std::vector<Row>& rows) {
  for (std::size_t i = 1; i < rows.size(); ++i) {
    const Row& a = rows[i - 1];
    const Row& b = rows[i];
    const bool same_id = a.message->uuid == b.message->uuid && a.publish->topic == b.publish->topic;
    if (same_id && a.message->text != b.message->text) return true;
  }
  return false;
}

/// By publish with a key, how many of its messages were there: in the queue, or earlier in this batch.
std::vector<std::size_t> count_duplicates(const Publishes& batch, const pqxx::result& in_queue) {
  std::set<std::pair<std::string, base::Uuid>> there;
  for (const auto& row : in_queue)
    if (const auto id = base::parse_uuid(row[1].c_str())) there.emplace(row[0].c_str(), *id);
  std::vector<std::size_t> duplicates;
  for (const auto& publish : batch) {
    std::size_t count = 0;
    for (const auto& message : publish->messages)
      if (publish->keyed && !there.emplace(publish->topic, message.uuid).second) ++count;
    duplicates.push_back(count);
  }
  return duplicates;
}

std::vector<std::size_t> insert_batch(pg::Session& session, const Publishes& batch) {
  const auto rows = rows_in_order(batch);
  std::size_t bytes = 0;
  bool keyed = false;
  for (const auto& publish : batch) {
    bytes += publish->bytes;
    keyed = keyed || publish->keyed;
  }
  if (!keyed) {
    const auto inserted = insert_rows(session, sql::insert_messages, rows, bytes).affected_rows();
    if (static_cast<std::size_t>(inserted) < rows.size()) session.exec(sql::wait_for_replication);
    return std::vector<std::size_t>(batch.size(), 0);
  }
  // Refused as PostgreSQL would refuse it: each publish then gets a statement of its own, which compares.
  if (one_id_two_texts(rows))
    throw pg::StatementError(sql::insert_keyed_messages.name, "22000", "one id, two contents");
  const auto in_queue = insert_rows(session, sql::insert_keyed_messages, rows, bytes);
  if (!in_queue.empty()) session.exec(sql::wait_for_replication);
  return count_duplicates(batch, in_queue);
}

Fault refused_as_jsonb(pg::Session& session, const Publish& publish) {
  Fault fault;
  for (const auto& message : publish.messages) {
    try {
      session.exec(sql::check_payload, std::string(message.text));
    } catch (const pg::StatementError& error) {
      if (!error.data_error()) throw;
      fault.kind = Fault::Kind::refused;
      return fault;
    }
    ++fault.message;
  }
  return fault;
}

/// Finds other content in one statement; checks message by message only if PostgreSQL refuses one.
Fault find_fault_of(pg::Session& session, const Publish& publish) {
  pg::Array ids(pg::ElementType::uuid, publish.messages.size() * 20);
  pg::Array payloads(pg::ElementType::jsonb, publish.bytes + publish.messages.size() * 5);
  for (const auto& message : publish.messages) {
    ids.add(message.uuid);
    payloads.add(message.text);
  }
  Fault fault;
  try {
    const auto found = session.exec(sql::find_other_content, publish.topic, pg::binary(ids), pg::binary(payloads));
    if (found.empty()) return fault;
    fault.kind = Fault::Kind::other_content;
    fault.message = found[0][0].as<std::size_t>() - 1;
    return fault;
  } catch (const pg::StatementError& error) {
    if (!error.data_error()) throw;
  }
  return refused_as_jsonb(session, publish);
}

}  // namespace

std::vector<std::string> connection_settings() {
  return {"SET synchronous_commit = on", "SET enable_seqscan = off", "SET enable_bitmapscan = off",
          "SET enable_sort = off", "SET jit = off"};
}

boost::asio::awaitable<std::vector<std::size_t>> Store::insert(Publishes batch, base::TimePoint deadline) {
  auto work = [batch = std::move(batch)](pg::Session& session) { return insert_batch(session, batch); };
  return database_.run(std::move(work), deadline);
}

boost::asio::awaitable<Fault> Store::find_fault(PublishPtr publish, base::TimePoint deadline) {
  auto work = [publish = std::move(publish)](pg::Session& session) { return find_fault_of(session, *publish); };
  return database_.run(std::move(work), deadline);
}

boost::asio::awaitable<void> Store::notify(base::TimePoint deadline) {
  auto work = [](pg::Session& session) { session.exec(sql::notify_readers); };
  return database_.run(std::move(work), deadline);
}

}  // namespace prompted::mqwriter
