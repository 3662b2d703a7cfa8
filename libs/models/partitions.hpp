#pragma once
// GET /v1/partitions: the partitions that a reader owns and their depth.
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/uuid.hpp"

namespace prompted::models {

struct PartitionState {
  int partition = 0;
  std::size_t depth = 0;          ///< messages in memory, including leased ones
  std::size_t in_flight = 0;      ///< leased
  double oldest_age_seconds = 0;  ///< since the oldest of them was published
};

struct ReaderState {
  std::string reader_id;
  int partition_count = 0;
  std::vector<PartitionState> partitions;
};

std::string partitions_response(const ReaderState& state);
/// The reader_id of such a response; nullopt if it is not one.
std::optional<base::Uuid> parse_reader_id(std::string_view body);

}  // namespace prompted::models
