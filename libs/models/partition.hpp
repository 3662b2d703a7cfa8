#pragma once
// FNV-1a, 32 bits (offset basis 2166136261, prime 16777619), as the earlier system partitioned.
#include <cstdint>
#include <string_view>

namespace prompted::models {

constexpr std::uint32_t fnv1a(std::string_view bytes) {
  std::uint32_t hash = 2166136261u;
  for (unsigned char c : bytes) hash = (hash ^ c) * 16777619u;
  return hash;
}

/// 0 .. count − 1.
constexpr int partition_of(std::string_view gpu, int count) {
  return static_cast<int>(fnv1a(gpu) % static_cast<std::uint32_t>(count));
}

}  // namespace prompted::models
