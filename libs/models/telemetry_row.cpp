#include "models/telemetry_row.hpp"

#include <simdjson.h>

#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>

#include "base/error.hpp"
#include "base/text.hpp"
#include "models/gpu_identity.hpp"
#include "models/limits.hpp"

namespace prompted::models {

namespace {

using simdjson::dom::element;

enum Field {
  gpu_id,
  uuid,
  metric_name,
  stamp,
  device,
  model_name,
  model_name_2,
  hostname,
  hostname_2,
  container,
  pod,
  name_space,
  number,
  labels_raw,
  field_count
};
constexpr std::array<std::string_view, field_count> names = {
    "gpu_id",   "uuid",     "metric_name", "timestamp", "device",    "model_name", "modelName",
    "hostname", "Hostname", "container",   "pod",       "namespace", "value",      "labels_raw"};

[[noreturn]] void reject(Field field, std::string_view what) {
  throw base::invalid(std::string(names[field]) + ": " + std::string(what));
}

/// The members that matter, found in one pass over the object. Null counts as absent; the last of repeated keys wins.
class Payload {
 public:
  explicit Payload(const simdjson::dom::object& object) {
    for (const auto member : object) {
      const auto name = std::find(names.begin(), names.end(), member.key);
      if (name == names.end()) continue;
      auto& place = members_[static_cast<std::size_t>(name - names.begin())];
      place = member.value.is_null() ? std::nullopt : std::optional(member.value);
    }
  }

  const std::optional<element>& operator[](Field field) const { return members_[field]; }
  /// Empty when it is absent or no string.
  std::string_view view(Field field) const {
    std::string_view text;
    if (members_[field] && members_[field]->get_string().get(text) != simdjson::SUCCESS) return {};
    return text;
  }
  /// "" when absent.
  std::string_view text(Field field) const {
    if (members_[field] && !members_[field]->is_string()) reject(field, "must be a string or null");
    const std::string_view value = view(field);
    // PostgreSQL's text cannot hold it, and its own error would not say which column.
    if (value.find('\0') != std::string_view::npos) reject(field, "must not contain a NUL character");
    if (field != labels_raw) judge_length(field, value);
    return value;
  }
  static void judge_length(Field field, std::string_view value) {
    if (value.size() > max_name_characters && base::count_characters(value) > max_name_characters)
      reject(field, "must not be longer than " + std::to_string(max_name_characters) + " characters");
  }
  std::string_view required(Field field) const {
    const std::string_view value = text(field);
    if (value.empty()) reject(field, "is required");
    return value;
  }

 private:
  std::array<std::optional<element>, field_count> members_;
};

/// Absent, null and "" are all NULL.
std::optional<std::string> text(const Payload& payload, Field field) {
  const std::string_view value = payload.text(field);
  return value.empty() ? std::nullopt : std::optional<std::string>(value);
}

std::optional<std::string> text(const Payload& payload, Field field, Field other_spelling) {
  auto value = text(payload, field);
  return value ? value : text(payload, other_spelling);
}

std::string identity(const Payload& payload) {
  // A gpu_id or uuid that is not a string counts as absent, as in mqwriter.
  const auto gpu = gpu_identity(payload.view(gpu_id), payload.view(uuid));
  if (!gpu) reject(gpu_id, "is required");
  if (gpu->find('\0') != std::string_view::npos) reject(gpu_id, "must not contain a NUL character");
  Payload::judge_length(gpu_id, *gpu);
  return std::string(*gpu);
}

base::Instant timestamp(const Payload& payload) {
  const auto instant = base::parse_rfc3339(payload.required(stamp));
  if (!instant) reject(stamp, "must be an RFC 3339 date-time");
  return *instant;
}

double parse_number(const std::string& text) {
  double value = 0;
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, value);
  if (parsed.ptr != end || parsed.ec == std::errc::invalid_argument) reject(number, "must be a number or null");
  // from_chars does not tell too large from too small; strtod does.
  if (parsed.ec == std::errc::result_out_of_range) value = std::strtod(text.c_str(), nullptr);
  if (parsed.ec == std::errc::result_out_of_range && std::isinf(value)) reject(number, "is out of range");
  return value;
}

std::optional<double> value(const Payload& payload) {
  if (!payload[number]) return std::nullopt;
  double found = 0;
  if (payload[number]->is_string()) {
    const std::string_view written = payload.view(number);
    if (written.empty()) return std::nullopt;
    found = parse_number(std::string(written));
  } else if (payload[number]->get_double().get(found) != simdjson::SUCCESS) {
    reject(number, "must be a number or null");
  }
  if (!std::isfinite(found) || is_dcgm_blank(found)) return std::nullopt;
  return found;
}

std::optional<std::string> labels(const Payload& payload) {
  if (!payload[labels_raw]) return std::nullopt;
  return payload[labels_raw]->is_string() ? text(payload, labels_raw) : simdjson::minify(*payload[labels_raw]);
}

}  // namespace

bool is_dcgm_blank(double value) {
  constexpr double int32_blank = 2147483632.0;           // 0x7ffffff0
  constexpr double int64_blank = 9223372036854775808.0;  // 0x7ffffffffffffff0 and its siblings as doubles
  constexpr double fp64_blank = 140737488355328.0;       // 2^47
  const auto among = [value](double blank) {
    return value == blank || value == blank + 1 || value == blank + 2 || value == blank + 3;
  };
  return among(int32_blank) || among(fp64_blank) || value == int64_blank;
}

TelemetryRow parse_telemetry_row(const base::Uuid& msg_uuid, const element& json) {
  simdjson::dom::object object;
  if (json.get_object().get(object) != simdjson::SUCCESS) throw base::invalid("payload: must be an object");
  const Payload payload(object);
  TelemetryRow row;
  row.uuid = msg_uuid;
  row.gpu_id = identity(payload);
  row.metric_name = payload.required(metric_name);
  row.timestamp = timestamp(payload);
  row.device = text(payload, device);
  row.model_name = text(payload, model_name, model_name_2);
  row.hostname = text(payload, hostname, hostname_2);
  row.container = text(payload, container);
  row.pod = text(payload, pod);
  row.name_space = text(payload, name_space);
  row.value = value(payload);
  row.labels_raw = labels(payload);
  return row;
}

}  // namespace prompted::models
