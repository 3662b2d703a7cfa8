#pragma once
// Which GPU a row belongs to: the same function for the partition key and for telemetry.gpu_id (docs/api.md).
#include <optional>
#include <string_view>

namespace prompted::models {

/// `uuid` when it begins with "GPU-" or "MIG-" (in a DCGM dump gpu_id is only "0".."7" and repeats on every host), else
/// `gpu_id` if not empty (in older files uuid is a row id); nullopt if there is neither.
constexpr std::optional<std::string_view> gpu_identity(std::string_view gpu_id, std::string_view uuid) {
  if (uuid.starts_with("GPU-") || uuid.starts_with("MIG-")) return uuid;
  if (!gpu_id.empty()) return gpu_id;
  return std::nullopt;
}

}  // namespace prompted::models
