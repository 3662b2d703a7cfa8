#include "load/rows.hpp"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "models/gpu_identity.hpp"
#include "models/partition.hpp"

namespace prompted::bench {

namespace {

constexpr std::string_view placeholder = "2026-01-01T00:00:00.000000Z";
constexpr const char* metrics[metric_count] = {
    "DCGM_FI_DEV_GPU_UTIL", "DCGM_FI_DEV_GPU_TEMP",  "DCGM_FI_DEV_POWER_USAGE", "DCGM_FI_DEV_FB_USED",
    "DCGM_FI_DEV_SM_CLOCK", "DCGM_FI_DEV_MEM_CLOCK", "DCGM_FI_DEV_FB_FREE",     "DCGM_FI_DEV_MEM_COPY_UTIL"};

std::string format(const char* pattern, int a, int b = 0) {
  char text[128];
  std::snprintf(text, sizeof text, pattern, a, b);
  return text;
}

/// As many of a scraped sample's labels as fit.
std::string labels(const std::string& host, const std::string& gpu, const std::string& metric) {
  return "DCGM_FI_DRIVER_VERSION=\"535.129.03\",Hostname=\"" + host + "\",UUID=\"" + gpu + "\",__name__=\"" + metric +
         "\",job=\"dgx_dcgm_exporter\"";
}

std::string json_of(const models::TelemetryRow& row, int slot, const std::string& labels_raw) {
  nlohmann::ordered_json json;
  json["timestamp"] = placeholder;
  json["metric_name"] = row.metric_name;
  json["gpu_id"] = std::to_string(slot);
  json["device"] = *row.device;
  json["uuid"] = row.gpu_id;
  json["model_name"] = *row.model_name;
  json["hostname"] = *row.hostname;
  json["container"] = "";
  json["pod"] = "";
  json["namespace"] = "";
  json["value"] = *row.value;
  json["labels_raw"] = labels_raw;
  return json.dump();
}

/// Truncates or pads a text to `length` bytes in JSON, where a quote takes two.
void fit(std::string& text, std::size_t length) {
  std::size_t taken = text.size() + static_cast<std::size_t>(std::count(text.begin(), text.end(), '"'));
  while (taken > length) {
    taken -= text.back() == '"' ? 2 : 1;
    text.pop_back();
  }
  text.append(length - taken, 'x');
}

Row make_row(int gpu, int metric) {
  Row row;
  models::TelemetryRow& t = row.telemetry;
  const int slot = gpu % 8;
  const auto serial = static_cast<unsigned>(gpu) * 0x01000193u;  // looks random, and differs for each
  t.gpu_id = format("GPU-5fd4f087-86f3-7a43-b711-4771%08x", static_cast<int>(serial));
  t.metric_name = metrics[metric];
  t.device = format("nvidia%d", slot);
  t.model_name = "NVIDIA H100 80GB HBM3";
  t.hostname = format("mtv5-dgx1-hgpu-%03d", gpu / 8);
  t.value = (gpu * 7 + metric * 13) % 101;
  std::string text = labels(*t.hostname, t.gpu_id, t.metric_name);
  const std::size_t bare = json_of(t, slot, "").size();
  if (bare >= row_bytes) throw std::logic_error("a row does not fit");
  fit(text, row_bytes - bare);
  t.labels_raw = text;
  row.json = json_of(t, slot, text);
  if (row.json.size() != row_bytes) throw std::logic_error("a row is not as long as it should be");
  row.stamp_at = row.json.find(placeholder);
  row.partition = models::partition_of(*models::gpu_identity(std::to_string(slot), t.gpu_id), partition_count);
  return row;
}

}  // namespace

std::vector<Row> make_rows() {
  std::vector<Row> rows;
  for (int metric = 0; metric < metric_count; ++metric)
    for (int gpu = 0; gpu < gpu_count; ++gpu) rows.push_back(make_row(gpu, metric));
  return rows;
}

void stamp(std::string& text, std::size_t at, base::Instant when) {
  thread_local std::string made;
  made.clear();
  base::append_rfc3339(made, when);
  std::memcpy(text.data() + at, made.data(), placeholder.size());
}

PublishBody::PublishBody(const std::string& topic, std::span<const Row> rows) {
  text_ = "{\"topic\":\"" + topic + "\",\"messages\":[";
  for (const Row& row : rows) {
    if (!stamps_.empty()) text_ += ',';
    stamps_.push_back(text_.size() + row.stamp_at);
    text_ += row.json;
  }
  text_ += "]}";
}

const std::string& PublishBody::stamped(base::Instant first) {
  for (std::size_t i = 0; i < stamps_.size(); ++i) stamp(text_, stamps_[i], first + std::chrono::microseconds(i));
  return text_;
}

std::vector<PublishBody> make_bodies(const std::string& topic, const std::vector<Row>& rows, std::size_t batch,
                                     std::size_t first_row) {
  std::vector<PublishBody> bodies;
  std::vector<Row> turned;  // from `first_row` on, once around
  for (std::size_t i = 0; i < std::max(batch, rows.size()); ++i) turned.push_back(rows[(first_row + i) % rows.size()]);
  for (std::size_t at = 0; at + batch <= turned.size() && bodies.size() < 64; at += batch)
    bodies.emplace_back(topic, std::span(turned).subspan(at, batch));
  return bodies;
}

}  // namespace prompted::bench
