#include "mqreader/memory_parts.hpp"

#include "models/limits.hpp"
#include "mqreader/broker.hpp"
#include "mqreader/poll/poll_plan.hpp"

namespace prompted::mqreader {

namespace {

constexpr std::uint64_t largest_row = models::max_message_bytes;
constexpr std::uint64_t row_overhead = 400;        // of a polled row, in libpq's result and in ours
constexpr std::uint64_t partition_overhead = 800;  // of one partition of one topic: cursors, queue
constexpr std::uint64_t sweep_overhead = 150;      // of a message that a sweep finds in its place
constexpr std::uint64_t write_overhead = 128;      // of a message in an UPDATE or DELETE

}  // namespace

std::vector<service::MemoryPart> memory_parts(const Config& config) {
  constexpr auto topics = static_cast<std::uint64_t>(Broker::most_topics);
  const auto connections = static_cast<std::uint64_t>(config.database.pool_size);
  const auto messages = static_cast<std::uint64_t>(config.memory_messages);
  const std::uint64_t page =
      most_page_bytes + largest_row + static_cast<std::uint64_t>(config.poll_batch) * row_overhead;
  return {
      {"messages", config.memory_bytes.count},
      // A topic with nothing in memory accepts a row, and a page has one row more than fits.
      {"beyond_limits", topics * (least_page_bytes + largest_row)},
      // Held twice: by libpq and as rows.
      {"poll_pages", connections * 2 * page},
      {"topics", topics * static_cast<std::uint64_t>(config.partition_count) * partition_overhead},
      {"sweeps", messages * sweep_overhead},
      {"writes", messages * write_overhead},
  };
}

}  // namespace prompted::mqreader
