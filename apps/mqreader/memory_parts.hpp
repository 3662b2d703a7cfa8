#pragma once
// What mqreader may hold in memory at most, part by part, beside what its HTTP server holds of requests and responses.
#include <cstdint>
#include <string>
#include <vector>

#include "mqreader/config.hpp"

namespace prompted::mqreader {

struct MemoryPart {
  std::string name;
  std::int64_t bytes = 0;
};

std::vector<MemoryPart> memory_parts(const Config& config);

}  // namespace prompted::mqreader
