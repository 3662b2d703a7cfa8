#include "models/partitions.hpp"

#include <nlohmann/json.hpp>

#include "base/json.hpp"

namespace prompted::models {

std::string partitions_response(const ReaderState& state) {
  std::string out;
  base::JsonObject reader(out);
  reader.text("reader_id", state.reader_id);
  reader.number("partition_count", state.partition_count);
  reader.number("owned", state.partitions.size());
  auto partitions = reader.array("partitions");
  for (const auto& partition : state.partitions) {
    auto object = partitions.object();
    object.number("partition", partition.partition);
    object.number("depth", partition.depth);
    object.number("in_flight", partition.in_flight);
    object.number("oldest_age_seconds", partition.oldest_age_seconds);
    object.end();
  }
  partitions.end();
  reader.end();
  return out;
}

std::optional<base::Uuid> parse_reader_id(std::string_view body) {
  const auto state = nlohmann::json::parse(body, nullptr, false);
  const auto found = state.is_object() ? state.find("reader_id") : state.end();
  if (found == state.end() || !found->is_string()) return std::nullopt;
  return base::parse_uuid(found->get<std::string>());
}

}  // namespace prompted::models
