#pragma once
// Upper bounds of mqreader's memory, part by part, apart from the HTTP server's requests and responses.
#include <vector>

#include "mqreader/config.hpp"
#include "service/memory_budget.hpp"

namespace prompted::mqreader {

std::vector<service::MemoryPart> memory_parts(const Config& config);

}  // namespace prompted::mqreader
