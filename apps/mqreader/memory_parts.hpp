#pragma once
// What mqreader may hold in memory at most, part by part, beside what its HTTP server holds of requests and responses.
#include <vector>

#include "mqreader/config.hpp"
#include "service/memory_budget.hpp"

namespace prompted::mqreader {

std::vector<service::MemoryPart> memory_parts(const Config& config);

}  // namespace prompted::mqreader
