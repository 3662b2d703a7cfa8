#include "load/queue_loop.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>

#include "collector/sql.hpp"
#include "mqreader/lease/sql.hpp"
#include "mqreader/poll/poll_store.hpp"
#include "mqreader/poll/sql.hpp"
#include "mqwriter/sql.hpp"

namespace prompted::bench {

namespace {

using models::TelemetryRow;
using pg::Array;
using pg::ElementType;

constexpr const char* topic = "telemetry";

template <class Member>
Array column(const std::vector<const Row*>& rows, ElementType type, Member member) {
  Array array(type);
  for (const Row* row : rows) array.add(row->telemetry.*member);
  return array;
}

}  // namespace

// mqreader's settings for all: they only matter to the poll and the delete (the inserts have one possible plan).
QueueLoop::QueueLoop(const std::string& dsn, const std::vector<Row>& rows, Part part, std::size_t batch)
    : batch_(batch), connection_(dsn, mqreader::connection_settings()) {
  const auto mine = [part](int partition) { return partition * part.count / partition_count == part.index; };
  for (int partition = 0; partition < partition_count; ++partition)
    if (mine(partition)) partitions_.push_back(partition);
  for (const Row& row : rows)
    if (mine(row.partition)) rows_.push_back(row);
  if (rows_.empty()) throw std::runtime_error("more connections than partitions");
  polled_.reserve(batch);
  const std::string incarnation = base::to_string(base::random_uuid());
  Parameters parameters;
  parameters.add(incarnation);
  connection_.run(mqreader::sql::new_incarnation, parameters);  // the poll reads which one it became
}

void QueueLoop::insert() {
  Array topics(ElementType::text), topic_of(ElementType::int4, batch_ * 8), ids(ElementType::uuid, batch_ * 20),
      payloads(ElementType::jsonb, batch_ * (row_bytes + 5)), partitions(ElementType::int4, batch_ * 8);
  sent_.clear();
  ids_.clear();
  stamped_ = base::now_utc();
  for (std::size_t i = 0; i < batch_; ++i) {
    Row& row = rows_[next_row_];
    next_row_ = (next_row_ + 1) % rows_.size();
    stamp(row.json, row.stamp_at, stamped_ + std::chrono::microseconds(i));
    sent_.push_back(&row);
    ids_.push_back(uuids_.next());
    topic_of.add(std::int32_t{1});
    ids.add(ids_.back());
    payloads.add(std::string_view(row.json));
    partitions.add(static_cast<std::int32_t>(row.partition));
  }
  Parameters parameters;
  topics.add(std::string_view(topic));
  parameters.add(topics).add(topic_of).add(ids).add(payloads).add(partitions);
  connection_.run(mqwriter::sql::insert_messages, parameters);
}

void QueueLoop::poll() {
  Array partitions(ElementType::int4), xids(ElementType::xid8), cursors(ElementType::int8);
  for (int partition : partitions_) {
    partitions.add(static_cast<std::int32_t>(partition));
    xids.add(std::uint64_t{0});
    cursors.add(std::int64_t{0});
  }
  const std::string page =
      std::to_string(std::max<std::size_t>(1000, 2 * batch_));  // never cut: no partition is ever behind
  Parameters parameters;
  parameters.add(partitions)
      .add(xids)
      .add(cursors)
      .add(base_)
      .add_null()
      .add(page)
      .add(topic)
      .add(page)
      .add(std::to_string(16 * 1024 * 1024));
  const Result rows = connection_.run(mqreader::sql::poll, parameters);
  polled_.clear();
  for (int i = 0; i < PQntuples(rows.get()); ++i) {
    if (PQgetisnull(rows.get(), i, 0)) {
      base_ = field(rows, i, 6);
      incarnation_ = field(rows, i, 7);
      server_start_ = field(rows, i, 8);
      continue;
    }
    Polled polled;
    const auto id = field(rows, i, 0);
    std::from_chars(id.data(), id.data() + id.size(), polled.id);
    polled.uuid = base::parse_uuid(field(rows, i, 3)).value();
    polled_.push_back(polled);
  }
  // Version 7 ids ascend, so this is the order in which they were inserted.
  std::sort(polled_.begin(), polled_.end(), [](const Polled& a, const Polled& b) { return a.uuid < b.uuid; });
  const auto same = [](const Polled& polled, const base::Uuid& id) { return polled.uuid == id; };
  if (!std::equal(polled_.begin(), polled_.end(), ids_.begin(), ids_.end(), same))
    throw std::runtime_error("the poll gave " + std::to_string(polled_.size()) + " messages, not those of the insert");
}

void QueueLoop::insert_telemetry() {
  Array ids(ElementType::uuid, batch_ * 20), stamps(ElementType::timestamptz, batch_ * 12);
  for (std::size_t i = 0; i < polled_.size(); ++i) {
    ids.add(polled_[i].uuid);
    stamps.add(stamped_ + std::chrono::microseconds(i));
  }
  const auto texts = [this](auto member) { return column(sent_, ElementType::text, member); };
  Array gpu = texts(&TelemetryRow::gpu_id), metric = texts(&TelemetryRow::metric_name),
        device = texts(&TelemetryRow::device), model = texts(&TelemetryRow::model_name),
        host = texts(&TelemetryRow::hostname), container = texts(&TelemetryRow::container),
        pod = texts(&TelemetryRow::pod), name_space = texts(&TelemetryRow::name_space),
        value = column(sent_, ElementType::float8, &TelemetryRow::value), labels = texts(&TelemetryRow::labels_raw);
  Parameters parameters;
  parameters.add(ids).add(gpu).add(metric).add(stamps).add(device).add(model).add(host);
  parameters.add(container).add(pod).add(name_space).add(value).add(labels);
  connection_.run(collector::sql::insert_telemetry, parameters);
}

void QueueLoop::remove() {
  Array ids(ElementType::int8, batch_ * 12), uuids(ElementType::uuid, batch_ * 20);
  for (const auto& polled : polled_) {
    ids.add(polled.id);
    uuids.add(polled.uuid);
  }
  Parameters parameters;
  parameters.add(ids).add(uuids).add(incarnation_).add(server_start_);
  connection_.run(mqreader::sql::delete_messages, parameters);
}

}  // namespace prompted::bench
