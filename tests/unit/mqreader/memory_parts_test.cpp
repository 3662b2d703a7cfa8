#include "mqreader/memory_parts.hpp"

#include <gtest/gtest.h>

#include <numeric>

namespace prompted::mqreader {
namespace {

constexpr std::uint64_t mebibyte = 1 << 20;

/// As by default.
Config defaults() {
  Config config;
  config.partition_count = 256;
  config.poll_batch = 1000;
  config.memory_messages = 100'000;
  config.memory_bytes.count = 128 * mebibyte;
  config.database.pool_size = 4;
  return config;
}

std::uint64_t sum(const Config& config) {
  std::uint64_t bytes = 0;
  for (const auto& part : memory_parts(config)) {
    EXPECT_GT(part.bytes, 0u) << part.name;
    bytes += part.bytes;
  }
  return bytes;
}

TEST(MemoryParts, TheDefaultsLeaveRoomForBodiesBelowTheContainersLimit) {
  EXPECT_LT(sum(defaults()),
            (512 - 160) * mebibyte);  // connections, bodies, responses, and what the process is made of
}

TEST(MemoryParts, FollowTheSettings) {
  Config more = defaults();
  more.memory_bytes.count += 50 * mebibyte;
  EXPECT_EQ(sum(more) - sum(defaults()), 50 * mebibyte);
  more = defaults();
  more.database.pool_size = 8;
  EXPECT_GT(sum(more) - sum(defaults()), 32 * mebibyte);
}

}  // namespace
}  // namespace prompted::mqreader
