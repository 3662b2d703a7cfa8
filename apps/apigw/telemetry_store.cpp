#include "apigw/telemetry_store.hpp"

#include <cstring>
#include <functional>
#include <limits>

#include "apigw/bucket_store.hpp"
#include "apigw/exec.hpp"
#include "apigw/format.hpp"
#include "apigw/row_filter.hpp"
#include "apigw/sql.hpp"

namespace prompted::apigw {

namespace {

constexpr long most_tagged = 1'000'000;
// Behind the columns of an entry, as the statements list them.
constexpr auto timestamp_column = static_cast<pqxx::row::size_type>(Column::timestamp);
constexpr pqxx::row::size_type id_column = column_count;

const pg::Statement& page_statement(const Selection& selection) {
  const bool up = selection.order == Order::ascending;
  if (!selection.gpu_id) return up ? sql::fleet_rows_up : sql::fleet_rows_down;
  if (selection.metric_names.empty()) return up ? sql::gpu_rows_up : sql::gpu_rows_down;
  return up ? sql::metric_rows_up : sql::metric_rows_down;
}

const pg::Statement& tag_statement(const Selection& selection) {
  if (!selection.gpu_id) return sql::fleet_tag;
  return selection.metric_names.empty() ? sql::gpu_tag : sql::metric_tag;
}

/// The id that the first row's id is beyond: the key's, or one before all ids.
std::int64_t id_bound(const Selection& selection) {
  if (selection.after) return selection.after->id;
  return selection.order == Order::ascending ? std::numeric_limits<std::int64_t>::min()
                                             : std::numeric_limits<std::int64_t>::max();
}

pqxx::result select_rows(pg::Session& session, const Selection& selection, PageSize size) {
  RowFilter filter(selection);
  if (selection.after) filter.begin_at(selection.after->at, selection.order);
  return filter.exec(session, page_statement(selection), id_bound(selection), size.rows + 1, size.bytes);
}

EntryTexts texts_of(const pqxx::row& row) {
  EntryTexts texts;
  for (std::size_t i = 0; i < column_count; ++i) texts[i] = or_null(row[static_cast<pqxx::row::size_type>(i)]);
  return texts;
}

/// Absent behind the last row, and where its instant has no RFC 3339 text: no page can begin there.
std::optional<Place> place_of(const pqxx::row& row) {
  const auto at = instant_of(row[timestamp_column].c_str());
  if (!at) return std::nullopt;
  Place place;
  place.at = *at;
  place.id = row[id_column].as<std::int64_t>();
  return place;
}

/// At least what the statement counts for a row.
std::size_t bytes_of(const EntryTexts& texts) {
  std::size_t bytes = 0;
  for (const char* text : texts) bytes += text ? std::strlen(text) : 0;
  return bytes;
}

Page row_page(pg::Session& session, const Selection& selection, PageSize size, bool first) {
  const pqxx::result rows = select_rows(session, selection, size);
  // A row more than the page holds was asked for: it tells that there is more.
  EntryWriter writer(selection.format, first);
  std::size_t bytes = 0;
  pqxx::result::size_type count = 0;
  for (; count < rows.size(); ++count) {
    if (static_cast<long>(count) == size.rows || bytes >= static_cast<std::size_t>(size.bytes)) break;
    const EntryTexts texts = texts_of(rows[count]);
    bytes += bytes_of(texts);
    writer.add(texts);
  }
  Page page;
  page.rows = count;
  page.entries = std::move(writer.text());
  page.digest = std::hash<std::string_view>{}(page.entries);
  if (count < rows.size()) page.next = place_of(rows[count - 1]);
  return page;
}

std::optional<std::string> read_tag(pg::Session& session, const Selection& selection) {
  const pqxx::result rows = RowFilter(selection).exec(session, tag_statement(selection), most_tagged + 1);
  if (rows[0][0].as<long>() > most_tagged) return std::nullopt;
  return std::string(rows[0][0].c_str()) + '.' + rows[0][1].c_str();
}

std::vector<std::string> read_known_metrics(pg::Session& session, const std::vector<std::string>& names) {
  pg::Array wanted = text_array(names);
  const pqxx::result rows = exec(session, sql::known_metrics, "", std::numeric_limits<long>::max(), pg::binary(wanted));
  std::vector<std::string> known;
  for (const auto& row : rows) known.emplace_back(row[0].c_str());
  return known;
}

}  // namespace

boost::asio::awaitable<Page> TelemetryStore::page(Selection selection, PageSize size, bool first,
                                                  base::TimePoint deadline) {
  return db_.run(
      [selection = std::move(selection), size, first](pg::Session& session) {
        return selection.aggregation ? bucket_page(session, selection, size, first)
                                     : row_page(session, selection, size, first);
      },
      deadline);
}

boost::asio::awaitable<std::optional<std::string>> TelemetryStore::tag(Selection selection, base::TimePoint deadline) {
  return db_.run([selection = std::move(selection)](pg::Session& session) { return read_tag(session, selection); },
                 deadline);
}

boost::asio::awaitable<std::vector<std::string>> TelemetryStore::known_metrics(std::vector<std::string> names,
                                                                               base::TimePoint deadline) {
  return db_.run([names = std::move(names)](pg::Session& session) { return read_known_metrics(session, names); },
                 deadline);
}

}  // namespace prompted::apigw
