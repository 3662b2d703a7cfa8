#include "mqreader/lease/lease_memory.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace prompted::mqreader {
namespace {

TEST(LeaseMemory, ResponsesGetSmallerWhileOthersAreOnTheirWay) {
  constexpr std::size_t most_bytes = 20 * 1024 * 1024;
  LeaseMemory memory(most_bytes);
  EXPECT_EQ(memory.next(), LeaseMemory::most_bytes_at_once);
  std::vector<std::shared_ptr<void>> sent;
  for (int i = 0; i < 40; ++i) {
    const std::size_t bytes = memory.next();
    EXPECT_GE(bytes, LeaseMemory::least_bytes);
    sent.push_back(memory.hold(bytes));
    EXPECT_LE(memory.used(), most_bytes + 40 * LeaseMemory::least_bytes);
  }
  EXPECT_EQ(memory.next(), LeaseMemory::least_bytes);
  sent.clear();
  EXPECT_EQ(memory.used(), 0u);
  EXPECT_EQ(memory.next(), LeaseMemory::most_bytes_at_once);
}

TEST(LeaseMemory, AResponseMayOutliveIt) {
  std::shared_ptr<void> held;
  {
    LeaseMemory memory;
    held = memory.hold(5);
  }
  held.reset();
}

}  // namespace
}  // namespace prompted::mqreader
