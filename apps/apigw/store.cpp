#include "apigw/store.hpp"

#include "apigw/entry_json.hpp"
#include "apigw/sql.hpp"
#include "base/json.hpp"
#include "postgres/session.hpp"

namespace prompted::apigw {

namespace {

constexpr long page_rows = 2000;
constexpr long page_bytes = 1024 * 1024;
// Behind the columns of an entry, as the statement lists them.
constexpr pqxx::row::size_type timestamp_column = static_cast<pqxx::row::size_type>(Column::timestamp);
constexpr pqxx::row::size_type id_column = column_count;
constexpr pqxx::row::size_type fetched_column = column_count + 1;

/// Refusals that are no fault of ours become what the client is told.
template <class... Args>
pqxx::result exec(pg::Session& session, const pg::Statement& statement, const Args&... args) {
  try {
    return session.exec(statement, args...);
  } catch (const pg::StatementError& error) {
    // character_not_in_repertoire: of the parameters only the id can hold bytes that are no UTF-8.
    if (error.sqlstate == "22021") throw base::invalid("invalid id: must be UTF-8");
    if (error.sqlstate == "57014") throw pg::Expired();  // query_canceled: statement_timeout
    if (error.transient()) throw pg::Unavailable();
    throw;
  }
}

std::string gpus_json(const pqxx::result& rows) {
  std::string out = R"({"gpus":[)";
  for (pqxx::result::size_type i = 0; i < rows.size(); ++i) {
    out += i == 0 ? R"({"id":)" : R"(,{"id":)";
    base::append_json_string(out, rows[i][0].c_str());
    out += '}';
  }
  return out + "]}";
}

void append_row(std::string& out, const pqxx::row& row) {
  EntryTexts texts;
  for (std::size_t i = 0; i < column_count; ++i) {
    const pqxx::field field = row[static_cast<pqxx::row::size_type>(i)];
    texts[i] = field.is_null() ? nullptr : field.c_str();
  }
  append_entry(out, texts);
}

Page to_page(const pqxx::result& rows) {
  Page page;
  page.rows = rows.size();
  for (pqxx::result::size_type i = 0; i < rows.size(); ++i) {
    if (i > 0) page.entries += ',';
    append_row(page.entries, rows[i]);
  }
  return page;
}

/// Absent when the page was cut neither by its rows nor by its bytes.
std::optional<Cursor> next_cursor(const pqxx::result& rows) {
  if (rows.empty()) return std::nullopt;
  const pqxx::row last = rows[rows.size() - 1];
  const long fetched = last[fetched_column].as<long>();
  if (fetched < page_rows && static_cast<long>(rows.size()) == fetched) return std::nullopt;
  return Cursor(last[timestamp_column].c_str(), last[id_column].c_str());
}

Page fetch(pg::Session& session, const Window& window, const std::optional<Cursor>& cursor) {
  const std::string from = cursor         ? cursor->timestamp
                           : window.start ? base::format_rfc3339(*window.start)
                                          : "-infinity";
  const std::string to = window.end ? base::format_rfc3339(*window.end) : "infinity";
  const std::string after = cursor ? cursor->id : "0";
  const pqxx::result rows = exec(session, sql::telemetry_page, window.gpu_id, from, to, after, page_rows, page_bytes);
  Page page = to_page(rows);
  page.next = next_cursor(rows);
  return page;
}

}  // namespace

boost::asio::awaitable<std::string> Store::list_gpus(base::TimePoint deadline) {
  return db_.run([](pg::Session& session) { return gpus_json(exec(session, sql::list_gpus)); }, deadline);
}

boost::asio::awaitable<Page> Store::telemetry(Window window, std::optional<Cursor> cursor, base::TimePoint deadline) {
  return db_.run([window = std::move(window),
                  cursor = std::move(cursor)](pg::Session& session) { return fetch(session, window, cursor); },
                 deadline);
}

}  // namespace prompted::apigw
