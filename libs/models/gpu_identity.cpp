#include "models/gpu_identity.hpp"

namespace prompted::models {

std::optional<std::string_view> gpu_identity(std::string_view gpu_id, std::string_view uuid) {
  if (uuid.starts_with("GPU-") || uuid.starts_with("MIG-")) return uuid;
  if (!gpu_id.empty()) return gpu_id;
  return std::nullopt;
}

}  // namespace prompted::models
