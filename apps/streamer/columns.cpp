#include "streamer/columns.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>

#include "base/error.hpp"
#include "base/text.hpp"

namespace prompted::streamer {
namespace {

constexpr std::array<std::string_view, 12> known{"timestamp", "metric_name", "gpu_id",   "device",
                                                 "uuid",      "model_name",  "hostname", "container",
                                                 "pod",       "namespace",   "value",    "labels_raw"};

std::string folded(std::string_view name) {
  std::string out;
  for (char c : name) {
    if (c != '_') out.push_back(base::lower(c));
  }
  return out;
}

std::string key_of(std::string_view name) {
  const std::string wanted = folded(name);
  for (std::string_view candidate : known) {
    if (folded(candidate) == wanted) return std::string(candidate);
  }
  return std::string(name);
}

std::optional<std::size_t> place_of(const Columns& columns, std::string_view key) {
  const auto found =
      std::find_if(columns.all.begin(), columns.all.end(), [&](const Column& c) { return c.key == key; });
  if (found == columns.all.end()) return std::nullopt;
  return static_cast<std::size_t>(found - columns.all.begin());
}

}  // namespace

Columns read_header(const std::vector<CsvField>& header) {
  Columns columns;
  std::set<std::string> seen;
  for (const CsvField& field : header) {
    Column column;
    column.key = key_of(base::trim(field.value));
    if (!column.key.empty() && !seen.insert(column.key).second) {
      throw base::invalid("column " + column.key + " appears twice");
    }
    columns.all.push_back(std::move(column));
  }
  if (!place_of(columns, "metric_name")) throw base::invalid("column metric_name is missing");
  const auto value = place_of(columns, "value");
  if (!value) throw base::invalid("column value is missing");
  columns.value = *value;
  columns.timestamp = place_of(columns, "timestamp");
  columns.gpu_id = place_of(columns, "gpu_id");
  columns.uuid = place_of(columns, "uuid");
  if (!columns.gpu_id && !columns.uuid) throw base::invalid("columns gpu_id and uuid are both missing");
  return columns;
}

}  // namespace prompted::streamer
