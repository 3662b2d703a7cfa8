#include "mqreader/dead_letters/dead_letter_store.hpp"

#include "mqreader/bound_statement.hpp"
#include "mqreader/dead_letters/sql.hpp"

namespace prompted::mqreader {

namespace {

constexpr long page_bytes = 1024 * 1024;  // of one response, plus one row

const char* or_null(const std::optional<std::string>& text) { return text ? text->c_str() : nullptr; }

std::string_view view(const pqxx::field& field) { return {field.c_str(), field.size()}; }

base::Uuid uuid_of(const pqxx::field& field) { return base::parse_uuid(view(field)).value_or(base::Uuid{}); }

/// Turns refusals that the client caused, and timeouts, into the errors that the client gets.
template <class... Args>
pqxx::result exec(pg::Session& session, const pg::Statement& statement, const Args&... args) {
  constexpr int most_tries = 5;  // a move of the same message may lock the two tables in the other order
  for (int tries = 1;; ++tries) {
    try {
      return session.exec(statement, args...);
    } catch (const pg::StatementError& error) {
      if (error.sqlstate == "22021") throw base::invalid("topic must be UTF-8");  // character_not_in_repertoire
      if (error.sqlstate == "57014") throw pg::Expired();                         // query_canceled: statement_timeout
      const bool again = error.sqlstate.starts_with("40") && tries < most_tries;  // deadlock, serialization failure
      if (again) continue;
      if (error.transient()) throw pg::Unavailable();
      throw;
    }
  }
}

enum Column : pqxx::row::size_type {
  topic,
  msg_uuid,
  partition_key,
  attempts,
  reason,
  created_at,
  died_at,
  payload,
  fetched
};

models::DeadLetterTexts texts_of(const pqxx::row& row) {
  models::DeadLetterTexts texts;
  texts.topic = view(row[topic]);
  texts.msg_uuid = view(row[msg_uuid]);
  texts.partition_key = view(row[partition_key]);
  texts.attempts = view(row[attempts]);
  texts.reason = view(row[reason]);
  texts.created_at = view(row[created_at]);
  texts.died_at = view(row[died_at]);
  texts.payload = view(row[payload]);
  return texts;
}

/// Absent unless the page was cut by its rows or bytes.
std::optional<models::DeadLetterPlace> next_place(const pqxx::result& rows) {
  if (rows.empty()) return std::nullopt;
  const pqxx::row last = rows[rows.size() - 1];
  if (last[fetched].as<std::size_t>() == static_cast<std::size_t>(rows.size())) return std::nullopt;
  models::DeadLetterPlace place;
  place.died_at = base::parse_rfc3339(view(last[died_at])).value_or(base::Instant{});
  place.msg_uuid = uuid_of(last[msg_uuid]);
  place.topic = last[topic].c_str();
  return place;
}

BoundResult add_now(pg::Session& session, const std::vector<DeadMessage>& messages, const ServerId& server) {
  pg::Array ids(pg::ElementType::int8), uuids(pg::ElementType::uuid), attempts(pg::ElementType::int4),
      reasons(pg::ElementType::text), in_history(pg::ElementType::int4);
  for (const auto& message : messages) {
    ids.add(message.key.id);
    uuids.add(message.key.uuid);
    attempts.add(static_cast<std::int32_t>(message.attempts));
    reasons.add(message.reason ? std::string_view(*message.reason) : std::string_view());
    in_history.add(std::int32_t{message.in_history ? 1 : 0});
  }
  return BoundResult(session.exec(sql::dead_letter_messages, pg::binary(ids), pg::binary(uuids), pg::binary(attempts),
                                  pg::binary(reasons), pg::binary(in_history), server.incarnation, server.start));
}

std::string list_now(pg::Session& session, const models::DeadLetterQuery& query) {
  const auto after = query.after.value_or(models::DeadLetterPlace());
  const std::string died_after = query.after ? base::format_rfc3339(after.died_at) : "-infinity";
  const auto rows = exec(session, sql::list_dead_letters, died_after, base::to_string(after.msg_uuid), after.topic,
                         or_null(query.topic), query.limit + 1, page_bytes);
  models::DeadLettersResponse page;
  for (const auto& row : rows) page.add(texts_of(row));
  return std::move(page).finish(next_place(rows));
}

pqxx::result exec_page(pg::Session& session, DeadLetterAction action, const DeadLetterScan& scan, int partitions) {
  const std::string uuid = base::to_string(scan.last_uuid);
  if (action == DeadLetterAction::purge)
    return exec(session, sql::purge_page, scan.last_topic, uuid, or_null(scan.topic), scan.died_until,
                DeadLetterStore::page_rows);
  return exec(session, sql::redrive_page, scan.last_topic, uuid, or_null(scan.topic), scan.died_until,
              DeadLetterStore::page_rows, partitions);
}

ScannedPage move_page_now(pg::Session& session, DeadLetterAction action, const DeadLetterScan& scan, int partitions) {
  const auto rows = exec_page(session, action, scan, partitions);
  ScannedPage page;
  if (rows.empty()) return page;
  page.last_topic = rows[0][0].c_str();
  page.last_uuid = uuid_of(rows[0][1]);
  page.moved = rows[0][2].as<std::size_t>();
  page.more = page.moved == DeadLetterStore::page_rows;
  return page;
}

std::size_t move_named_now(pg::Session& session, DeadLetterAction action, const std::optional<std::string>& topic,
                           const std::vector<base::Uuid>& uuids, int partitions) {
  pg::Array ids(pg::ElementType::uuid, uuids.size() * 20);
  for (const auto& uuid : uuids) ids.add(uuid);
  const auto moved = action == DeadLetterAction::redrive
                         ? exec(session, sql::redrive_named, pg::binary(ids), or_null(topic), partitions)
                         : exec(session, sql::purge_named, pg::binary(ids), or_null(topic));
  return moved[0][0].as<std::size_t>();
}

}  // namespace

boost::asio::awaitable<bool> DeadLetterStore::add(std::vector<DeadMessage> messages, ServerId server,
                                                  base::TimePoint deadline) {
  auto work = [messages = std::move(messages), server = std::move(server)](pg::Session& session) {
    return run_bound([&] { return add_now(session, messages, server); }, messages.size());
  };
  return database_.run(std::move(work), deadline);
}

boost::asio::awaitable<std::string> DeadLetterStore::list(models::DeadLetterQuery query, base::TimePoint deadline) {
  auto work = [query = std::move(query)](pg::Session& session) { return list_now(session, query); };
  return database_.run(std::move(work), deadline);
}

boost::asio::awaitable<std::string> DeadLetterStore::read_clock(base::TimePoint deadline) {
  auto work = [](pg::Session& session) { return std::string(exec(session, sql::read_clock)[0][0].c_str()); };
  return database_.run(std::move(work), deadline);
}

boost::asio::awaitable<ScannedPage> DeadLetterStore::move_page(DeadLetterAction action, DeadLetterScan scan,
                                                               base::TimePoint deadline) {
  auto work = [action, scan = std::move(scan), partitions = partition_count_](pg::Session& session) {
    return move_page_now(session, action, scan, partitions);
  };
  return database_.run(std::move(work), deadline);
}

boost::asio::awaitable<std::size_t> DeadLetterStore::move_named(DeadLetterAction action,
                                                                std::optional<std::string> topic,
                                                                std::vector<base::Uuid> uuids,
                                                                base::TimePoint deadline) {
  auto work = [action, topic = std::move(topic), uuids = std::move(uuids), partitions = partition_count_](
                  pg::Session& session) { return move_named_now(session, action, topic, uuids, partitions); };
  return database_.run(std::move(work), deadline);
}

boost::asio::awaitable<void> DeadLetterStore::notify(base::TimePoint deadline) {
  auto work = [](pg::Session& session) { session.exec(sql::notify_readers); };
  return database_.run(std::move(work), deadline);
}

}  // namespace prompted::mqreader
