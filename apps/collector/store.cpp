#include "collector/store.hpp"

#include "collector/sql.hpp"
#include "postgres/session.hpp"

namespace prompted::collector {

namespace {

using models::TelemetryRow;
using pg::ElementType;

template <class Member>
pg::Array column(std::span<const TelemetryRow> rows, ElementType type, Member member) {
  pg::Array array(type);
  for (const TelemetryRow& row : rows) array.add(row.*member);
  return array;
}

pqxx::result exec_with(pg::Session& session, const pg::Statement& statement, std::span<const TelemetryRow> rows) {
  using pg::binary;
  const auto texts = [rows](auto member) { return column(rows, ElementType::text, member); };
  return session.exec(statement, binary(column(rows, ElementType::uuid, &TelemetryRow::uuid)),
                      binary(texts(&TelemetryRow::gpu_id)), binary(texts(&TelemetryRow::metric_name)),
                      binary(column(rows, ElementType::timestamptz, &TelemetryRow::timestamp)),
                      binary(texts(&TelemetryRow::device)), binary(texts(&TelemetryRow::model_name)),
                      binary(texts(&TelemetryRow::hostname)), binary(texts(&TelemetryRow::container)),
                      binary(texts(&TelemetryRow::pod)), binary(texts(&TelemetryRow::name_space)),
                      binary(column(rows, ElementType::float8, &TelemetryRow::value)),
                      binary(texts(&TelemetryRow::labels_raw)));
}

Inserted insert_rows(pg::Session& session, std::span<const TelemetryRow> rows) {
  Inserted inserted;
  inserted.fresh = static_cast<std::size_t>(exec_with(session, sql::insert_telemetry, rows).affected_rows());
  if (inserted.fresh == rows.size()) return inserted;
  for (const auto& row : exec_with(session, sql::find_other_content, rows))
    inserted.other_content.push_back(base::parse_uuid(row[0].c_str()).value_or(base::Uuid{}));
  return inserted;
}

}  // namespace

boost::asio::awaitable<Inserted> Store::insert(std::span<const TelemetryRow> rows, base::TimePoint deadline) {
  return db_.run([rows](pg::Session& session) { return insert_rows(session, rows); }, deadline);
}

}  // namespace prompted::collector
