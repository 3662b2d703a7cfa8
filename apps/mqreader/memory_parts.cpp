#include "mqreader/memory_parts.hpp"

#include "models/limits.hpp"
#include "mqreader/broker.hpp"
#include "mqreader/lease_memory.hpp"
#include "mqreader/poll_plan.hpp"

namespace prompted::mqreader {

namespace {

constexpr std::int64_t largest_row = models::max_message_bytes;
constexpr std::int64_t row_overhead = 400;        // of a polled row, in libpq's result and in ours
constexpr std::int64_t partition_overhead = 800;  // of one partition of one topic: cursors, queue
constexpr std::int64_t sweep_overhead = 150;      // of a message that a sweep finds in its place
constexpr std::int64_t write_overhead = 128;      // of a message on its way to an UPDATE or DELETE

}  // namespace

std::vector<MemoryPart> memory_parts(const Config& config) {
  constexpr auto topics = static_cast<std::int64_t>(Broker::most_topics);
  const std::int64_t page = most_page_bytes + largest_row + config.poll_batch * row_overhead;
  return {
      {"messages", static_cast<std::int64_t>(config.memory_bytes.count)},
      // A topic with nothing in memory takes in a row, and a page brings one row more than fits.
      {"messages beyond a topic's limit", topics * (least_page_bytes + largest_row)},
      // In libpq's hands and in ours.
      {"poll pages", config.database.pool_size * 2 * page},
      {"lease responses", static_cast<std::int64_t>(LeaseMemory::most_bytes)},
      {"topics", topics * config.partition_count * partition_overhead},
      {"sweeps", config.memory_messages * sweep_overhead},
      {"writes", config.memory_messages * write_overhead},
  };
}

}  // namespace prompted::mqreader
