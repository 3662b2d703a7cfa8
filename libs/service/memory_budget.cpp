#include "service/memory_budget.hpp"

#include <array>
#include <fstream>
#include <numeric>

#include "base/log.hpp"

namespace prompted::service {

std::uint64_t MemoryBudget::total() const {
  return std::accumulate(parts.begin(), parts.end(), std::uint64_t{0},
                         [](std::uint64_t sum, const MemoryPart& part) { return sum + part.bytes; });
}

std::optional<std::uint64_t> container_memory_limit() {
  // A container sees its own cgroup here. Without a limit, version 2 says "max" and version 1 a number beyond any
  // memory.
  constexpr std::uint64_t no_limit = std::uint64_t{1} << 60;
  for (const char* path : {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"}) {
    std::ifstream file(path);
    std::uint64_t bytes = 0;
    if (file >> bytes && bytes < no_limit) return bytes;
  }
  return std::nullopt;
}

void log_budget(const MemoryBudget& budget, std::optional<std::uint64_t> limit) {
  std::vector<log::Field> fields{{"total", budget.total()}};
  for (const auto& part : budget.parts) fields.emplace_back(part.name, part.bytes);
  log::write(log::Level::info, "memory budget in bytes", std::span<const log::Field>(fields));
  if (limit && *limit < budget.total())
    log::warn(
        "the container's memory limit is below the memory budget; raise the limit, or lower HTTP_MAX_CONNECTIONS, "
        "HTTP_BODY_BUDGET, HTTP_RESPONSE_BUDGET or the service's own buffers",
        {{"limit", *limit}, {"budget", budget.total()}});
}

}  // namespace prompted::service
