#include "collector/store.hpp"

#include "collector/sql.hpp"
#include "postgres/binary.hpp"
#include "postgres/session.hpp"

namespace prompted::collector {

namespace {

using models::TelemetryRow;
using pg::ElementType;

template <class Member>
pqxx::binarystring column(std::span<const TelemetryRow> rows, ElementType type, Member member) {
  pg::Array array(type);
  for (const TelemetryRow& row : rows) array.add(row.*member);
  return pg::binary(array);
}

std::size_t insert_rows(pg::Session& session, std::span<const TelemetryRow> rows) {
  const auto texts = [rows](auto member) { return column(rows, ElementType::text, member); };
  const pqxx::result done = session.exec(
      sql::insert_telemetry, column(rows, ElementType::uuid, &TelemetryRow::uuid), texts(&TelemetryRow::gpu_id),
      texts(&TelemetryRow::metric_name), column(rows, ElementType::timestamptz, &TelemetryRow::timestamp),
      texts(&TelemetryRow::device), texts(&TelemetryRow::model_name), texts(&TelemetryRow::hostname),
      texts(&TelemetryRow::container), texts(&TelemetryRow::pod), texts(&TelemetryRow::name_space),
      column(rows, ElementType::float8, &TelemetryRow::value), texts(&TelemetryRow::labels_raw));
  return done.affected_rows();
}

}  // namespace

boost::asio::awaitable<std::size_t> Store::insert(std::span<const TelemetryRow> rows, base::TimePoint deadline) {
  return db_.run([rows](pg::Session& session) { return insert_rows(session, rows); }, deadline);
}

}  // namespace prompted::collector
