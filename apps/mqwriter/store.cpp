#include "mqwriter/store.hpp"

#include <algorithm>
#include <unordered_map>

#include "mqwriter/sql.hpp"
#include "postgres/session.hpp"

namespace prompted::mqwriter {

namespace {

struct Row {
  const Publish* publish;
  const Publish::Message* message;
};

/// The batch's messages in the order of their ids. Ids of this writer ascend as they were made, so most often it is there.
std::vector<Row> rows_in_order(const Batch& batch) {
  std::vector<Row> rows;
  for (const auto& publish : batch)
    for (const auto& message : publish->messages) rows.push_back({publish.get(), &message});
  const auto by_id = [](const Row& a, const Row& b) { return a.message->uuid < b.message->uuid; };
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

/// Which messages of each publish are not among the inserted ids. An id that stands twice in one batch is new once.
std::vector<std::size_t> count_duplicates(const Batch& batch, const pqxx::result& inserted) {
  std::unordered_map<base::Uuid, std::size_t> fresh;
  for (const auto& row : inserted)
    if (const auto id = base::parse_uuid(row[0].c_str())) ++fresh[*id];
  std::vector<std::size_t> duplicates;
  for (const auto& publish : batch) {
    std::size_t missing = 0;
    for (const auto& message : publish->messages) {
      const auto found = fresh.find(message.uuid);
      if (found != fresh.end() && found->second > 0) --found->second;
      else ++missing;
    }
    duplicates.push_back(publish->keyed ? missing : 0);
  }
  return duplicates;
}

std::vector<std::size_t> insert_batch(pg::Session& session, const Batch& batch) {
  const auto rows = rows_in_order(batch);
  std::size_t bytes = 0;
  bool keyed = false;
  for (const auto& publish : batch) {
    bytes += publish->bytes;
    keyed = keyed || publish->keyed;
  }
  const auto result = insert_rows(session, keyed ? sql::insert_keyed_messages : sql::insert_messages, rows, bytes);
  if (!keyed || static_cast<std::size_t>(result.size()) == rows.size())
    return std::vector<std::size_t>(batch.size(), 0);
  return count_duplicates(batch, result);
}

std::optional<std::size_t> find_refused(pg::Session& session, const Publish& publish) {
  for (std::size_t i = 0; i < publish.messages.size(); ++i) {
    try {
      session.exec(sql::check_payload, std::string(publish.messages[i].text));
    } catch (const pg::StatementError& error) {
      if (!error.data_error()) throw;
      return i;
    }
  }
  return std::nullopt;
}

}  // namespace

boost::asio::awaitable<std::vector<std::size_t>> Store::insert(Batch batch, base::TimePoint deadline) {
  auto work = [batch = std::move(batch)](pg::Session& session) { return insert_batch(session, batch); };
  return database_.run(std::move(work), deadline);
}

boost::asio::awaitable<std::optional<std::size_t>> Store::first_refused(PublishPtr publish, base::TimePoint deadline) {
  auto work = [publish = std::move(publish)](pg::Session& session) { return find_refused(session, *publish); };
  return database_.run(std::move(work), deadline);
}

boost::asio::awaitable<void> Store::notify(base::TimePoint deadline) {
  auto work = [](pg::Session& session) { session.exec(sql::notify_readers); };
  return database_.run(std::move(work), deadline);
}

}  // namespace prompted::mqwriter
