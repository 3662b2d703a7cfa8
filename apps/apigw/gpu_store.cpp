#include "apigw/gpu_store.hpp"

#include <array>

#include "apigw/entry_json.hpp"
#include "apigw/row_filter.hpp"
#include "apigw/sql.hpp"
#include "base/json.hpp"

namespace prompted::apigw {

namespace {

constexpr long ids_per_page = 2000;
constexpr long details_per_page = 500;
constexpr long latest_per_page = 25;  // GPUs, each with some dozens of metrics

// PostgreSQL's texts; nullptr is NULL.
void add_time(base::JsonObject& object, std::string_view name, const char* text) {
  std::string& out = object.member(name);
  if (text) append_timestamp(out, text);
  else out += "null";
}

void add_number(base::JsonObject& object, std::string_view name, const char* text) {
  std::string& out = object.member(name);
  if (text) append_value(out, text);
  else out += "null";
}

/// The columns of sql::gpu_columns from `column` on.
void append_details(base::JsonObject& object, const pqxx::row& row, pqxx::row::size_type column) {
  constexpr std::array names{"model_name", "hostname", "device", "namespace", "pod", "container"};
  for (const char* name : names) object.text_or_null(name, or_null(row[column++]));
  add_time(object, "first_seen", or_null(row[column++]));
  add_time(object, "last_seen", or_null(row[column]));
}

bool filters(const GpuFilter& filter) {
  return filter.hostname || filter.model_name || filter.name_space || filter.pod;
}

GpuPage read_ids(pg::Session& session, const std::string& after, bool first) {
  const pqxx::result rows = exec(session, sql::gpu_ids, after, ids_per_page);
  GpuPage page;
  base::JsonArray gpus(page.entries, first);
  for (const auto& row : rows) {
    auto gpu = gpus.object();
    gpu.text("id", row[0].c_str());
    gpu.end();
    page.any = true;
  }
  if (static_cast<long>(rows.size()) == ids_per_page) page.next = rows[rows.size() - 1][0].c_str();
  return page;
}

GpuPage read_details(pg::Session& session, const GpuList& list, const std::string& after, bool first) {
  const GpuFilter& filter = list.filter;
  const pqxx::result rows = exec(session, sql::gpu_details, after, details_per_page, or_null(filter.hostname),
                                 or_null(filter.model_name), or_null(filter.name_space), or_null(filter.pod));
  GpuPage page;
  base::JsonArray gpus(page.entries, first);
  for (const auto& row : rows) {
    if (!row[row.size() - 1].as<bool>()) continue;  // its latest row does not pass
    auto gpu = gpus.object();
    gpu.text("id", row[0].c_str());
    if (list.details) append_details(gpu, row, 1);
    gpu.end();
    page.any = true;
  }
  if (static_cast<long>(rows.size()) == details_per_page) page.next = rows[rows.size() - 1][0].c_str();
  return page;
}

void append_latest(base::JsonObject entry, const pqxx::row& row) {
  constexpr std::array names{"device", "model_name", "hostname", "container", "pod", "namespace"};
  pqxx::row::size_type column = 0;
  entry.text("gpu_id", row[column++].c_str());
  entry.text("metric_name", row[column++].c_str());
  add_number(entry, "value", or_null(row[column++]));
  add_time(entry, "timestamp", or_null(row[column++]));
  for (const char* name : names) entry.text_or_null(name, or_null(row[column++]));
  entry.end();
}

GpuPage read_latest(pg::Session& session, const LatestMetrics& wanted, const std::string& after, bool first) {
  const GpuFilter& filter = wanted.filter;
  pg::Array names = text_array(wanted.metric_names);
  const pqxx::result rows =
      exec(session, sql::latest_metrics, after, latest_per_page, or_null(filter.hostname), or_null(filter.model_name),
           or_null(filter.name_space), or_null(filter.pod), pg::binary(names));
  GpuPage page;
  base::JsonArray entries(page.entries, first);
  long gpus = 0;
  std::string last;
  for (const auto& row : rows) {
    if (last != row[0].c_str()) {
      last = row[0].c_str();
      ++gpus;
    }
    if (row[1].is_null()) continue;  // this GPU has none of them
    append_latest(entries.object(), row);
    page.any = true;
  }
  if (gpus == latest_per_page) page.next = last;
  return page;
}

void append_metrics(base::JsonObject& gpu, const pqxx::result& rows) {
  auto metrics = gpu.array("metrics");
  for (const auto& row : rows) {
    auto metric = metrics.object();
    metric.text("metric_name", row[0].c_str());
    add_number(metric, "value", or_null(row[1]));
    add_time(metric, "timestamp", or_null(row[3]));
    add_time(metric, "first_seen", or_null(row[2]));
    metric.end();
  }
  metrics.end();
}

base::Error unknown_gpu() { return {base::ErrorKind::not_found, "unknown GPU"}; }

std::string read_gpu(pg::Session& session, const std::string& id) {
  const pqxx::result found = exec(session, sql::one_gpu, id);
  if (found.empty()) throw unknown_gpu();
  std::string out;
  base::JsonObject gpu(out);
  gpu.text("id", found[0][0].c_str());
  append_details(gpu, found[0], 1);
  append_metrics(gpu, exec(session, sql::gpu_metrics, id));
  gpu.end();
  return out;
}

std::string read_metrics(pg::Session& session, const std::string& id) {
  const pqxx::result rows = exec(session, sql::gpu_metrics, id);
  if (rows.empty()) throw unknown_gpu();
  std::string out;
  base::JsonObject gpu(out);
  gpu.text("gpu_id", id);
  append_metrics(gpu, rows);
  gpu.end();
  return out;
}

}  // namespace

boost::asio::awaitable<GpuPage> GpuStore::gpus(GpuList list, std::string after, bool first, base::TimePoint deadline) {
  return db_.run(
      [list = std::move(list), after = std::move(after), first](pg::Session& session) {
        const bool ids_alone = !list.details && !filters(list.filter);
        return ids_alone ? read_ids(session, after, first) : read_details(session, list, after, first);
      },
      deadline);
}

boost::asio::awaitable<GpuPage> GpuStore::latest(LatestMetrics wanted, std::string after, bool first,
                                                 base::TimePoint deadline) {
  return db_.run([wanted = std::move(wanted), after = std::move(after),
                  first](pg::Session& session) { return read_latest(session, wanted, after, first); },
                 deadline);
}

boost::asio::awaitable<std::string> GpuStore::gpu(std::string id, base::TimePoint deadline) {
  return db_.run([id = std::move(id)](pg::Session& session) { return read_gpu(session, id); }, deadline);
}

boost::asio::awaitable<std::string> GpuStore::metrics(std::string id, base::TimePoint deadline) {
  return db_.run([id = std::move(id)](pg::Session& session) { return read_metrics(session, id); }, deadline);
}

}  // namespace prompted::apigw
