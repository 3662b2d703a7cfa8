#include "models/partitions.hpp"

#include <nlohmann/json.hpp>

#include "base/json.hpp"

namespace prompted::models {

std::string partitions_reply(const ReaderState& state) {
  std::string out = "{\"reader_id\":";
  base::append_json_string(out, state.reader_id);
  out += ",\"partition_count\":" + std::to_string(state.partition_count);
  out += ",\"owned\":" + std::to_string(state.partitions.size()) + ",\"partitions\":[";
  bool first = true;
  for (const auto& partition : state.partitions) {
    out += first ? "{\"partition\":" : ",{\"partition\":";
    first = false;
    out += std::to_string(partition.partition);
    out += ",\"depth\":" + std::to_string(partition.depth);
    out += ",\"in_flight\":" + std::to_string(partition.in_flight);
    out += ",\"oldest_age_seconds\":";
    base::append_json_number(out, partition.oldest_age_seconds);
    out += '}';
  }
  out += "]}";
  return out;
}

std::optional<base::Uuid> parse_reader_id(std::string_view body) {
  const auto state = nlohmann::json::parse(body, nullptr, false);
  const auto found = state.is_object() ? state.find("reader_id") : state.end();
  if (found == state.end() || !found->is_string()) return std::nullopt;
  return base::parse_uuid(found->get<std::string>());
}

}  // namespace prompted::models
