#pragma once
// A daemon's maximum memory, as a sum of parts. Code enforces the bound of each part.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace prompted::service {

struct MemoryPart {
  MemoryPart(std::string what, std::uint64_t most) : name(std::move(what)), bytes(most) {}

  std::string name;  ///< "bodies": a member of the log line
  std::uint64_t bytes;
};

struct MemoryBudget {
  std::vector<MemoryPart> parts;
  std::uint64_t total() const;
};

/// The memory limit of this process's container in bytes (cgroups 2 and 1); nullopt if there is none.
std::optional<std::uint64_t> container_memory_limit();

/// Logs {"msg":"memory budget in bytes","total":…,"bodies":…}, and a warning when the container's limit is below the
/// total.
void log_budget(const MemoryBudget& budget, std::optional<std::uint64_t> limit);

}  // namespace prompted::service
