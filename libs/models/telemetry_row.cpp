#include "models/telemetry_row.hpp"

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "models/gpu_identity.hpp"

namespace prompted::models {

namespace {

using nlohmann::json;

[[noreturn]] void reject(std::string_view field, std::string_view what) {
  throw base::invalid(std::string(field) + ": " + std::string(what));
}

const json* member(const json& payload, std::string_view field) {
  const auto found = payload.find(field);
  return found == payload.end() || found->is_null() ? nullptr : &*found;
}

/// Absent, null and "" are all NULL.
std::optional<std::string> text(const json& payload, std::string_view field) {
  const json* found = member(payload, field);
  if (!found) return std::nullopt;
  if (!found->is_string()) reject(field, "must be a string or null");
  const auto& value = found->get_ref<const std::string&>();
  // PostgreSQL's text cannot hold it, and its own error would not say which column.
  if (value.find('\0') != std::string::npos) reject(field, "must not contain a NUL character");
  if (value.empty()) return std::nullopt;
  return value;
}

std::optional<std::string> text(const json& payload, std::string_view field, std::string_view other_spelling) {
  auto value = text(payload, field);
  return value ? value : text(payload, other_spelling);
}

std::string required_text(const json& payload, std::string_view field) {
  auto value = text(payload, field);
  if (!value) reject(field, "is required");
  return std::move(*value);
}

std::string identity(const json& payload) {
  // A gpu_id or uuid that is no text is as good as absent, as it is for mqwriter.
  const auto view = [&](std::string_view field) -> std::string_view {
    const json* found = member(payload, field);
    return found && found->is_string() ? std::string_view(found->get_ref<const std::string&>()) : std::string_view{};
  };
  const auto gpu = gpu_identity(view("gpu_id"), view("uuid"));
  if (!gpu) reject("gpu_id", "is required");
  if (gpu->find('\0') != std::string_view::npos) reject("gpu_id", "must not contain a NUL character");
  return std::string(*gpu);
}

base::Instant timestamp(const json& payload) {
  const auto instant = base::parse_rfc3339(required_text(payload, "timestamp"));
  if (!instant) reject("timestamp", "must be an RFC 3339 date-time");
  return *instant;
}

double parse_number(const std::string& text) {
  double number = 0;
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, number);
  if (parsed.ptr != end || parsed.ec == std::errc::invalid_argument) reject("value", "must be a number or null");
  // from_chars does not tell too large from too small; strtod does.
  if (parsed.ec == std::errc::result_out_of_range) number = std::strtod(text.c_str(), nullptr);
  if (parsed.ec == std::errc::result_out_of_range && std::isinf(number)) reject("value", "is out of range");
  return number;
}

std::optional<double> value(const json& payload) {
  const json* found = member(payload, "value");
  if (!found) return std::nullopt;
  double number = 0;
  if (found->is_number()) {
    number = found->get<double>();
  } else if (found->is_string()) {
    const auto& written = found->get_ref<const std::string&>();
    if (written.empty()) return std::nullopt;
    number = parse_number(written);
  } else {
    reject("value", "must be a number or null");
  }
  if (!std::isfinite(number) || is_dcgm_blank(number)) return std::nullopt;
  return number;
}

std::optional<std::string> labels(const json& payload) {
  const json* found = member(payload, "labels_raw");
  if (!found) return std::nullopt;
  return found->is_string() ? text(payload, "labels_raw") : found->dump();
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

TelemetryRow parse_telemetry_row(const base::Uuid& msg_uuid, const json& payload) {
  if (!payload.is_object()) reject("payload", "must be an object");
  TelemetryRow row;
  row.uuid = msg_uuid;
  row.gpu_id = identity(payload);
  row.metric_name = required_text(payload, "metric_name");
  row.timestamp = timestamp(payload);
  row.device = text(payload, "device");
  row.model_name = text(payload, "model_name", "modelName");
  row.hostname = text(payload, "hostname", "Hostname");
  row.container = text(payload, "container");
  row.pod = text(payload, "pod");
  row.name_space = text(payload, "namespace");
  row.value = value(payload);
  row.labels_raw = labels(payload);
  return row;
}

}  // namespace prompted::models
