#pragma once
// One telemetry entry as JSON, from the texts PostgreSQL sends: no DOM, no conversion and back. Runs on database
// threads.
#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace prompted::apigw {

/// The members of an entry, in the order of the statement's columns and of the response.
enum class Column : std::size_t {
  uuid,
  gpu_id,
  metric_name,
  timestamp,
  device,
  model_name,
  hostname,
  container,
  pod,
  name_space,
  value,
  labels_raw,
  ingested_at
};
inline constexpr std::size_t column_count = 13;

/// The column texts of one row; nullptr is SQL's NULL.
using EntryTexts = std::array<const char*, column_count>;

void append_entry(std::string& out, const EntryTexts& texts);

/// `"2026-11-23T12:00:00.120000Z"` from PostgreSQL's `2026-11-23 12:00:00.12+00` (DateStyle ISO, TimeZone UTC).
void append_timestamp(std::string& out, std::string_view postgres_text);

/// The digits as they are; null for NaN and the infinities, which JSON lacks.
void append_value(std::string& out, std::string_view postgres_text);

}  // namespace prompted::apigw
