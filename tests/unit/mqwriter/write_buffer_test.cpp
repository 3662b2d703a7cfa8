#include "mqwriter/write_buffer.hpp"

#include <gtest/gtest.h>

namespace prompted::mqwriter {
namespace {

using namespace std::chrono_literals;

const base::TimePoint start = base::TimePoint{} + 1000s;

PublishPtr publish(std::size_t messages, std::size_t bytes = 100, base::TimePoint arrived = start) {
  auto made = std::make_shared<Publish>();
  made->messages.resize(messages);
  made->bytes = bytes;
  made->arrived = arrived;
  return made;
}

BufferLimits limits() {
  BufferLimits limits;
  limits.capacity = 100;
  limits.capacity_bytes = 10000;
  limits.flush_size = 10;
  limits.flush_interval = 500ms;
  limits.batch_messages = 20;
  limits.batch_bytes = 5000;
  return limits;
}

struct WriteBufferTest : testing::Test {
  PublishPtr add(std::size_t messages, std::size_t bytes = 100, base::TimePoint arrived = start) {
    auto made = publish(messages, bytes, arrived);
    buffer.add(made);
    return made;
  }
  WriteBuffer buffer{limits()};
};

TEST_F(WriteBufferTest, ALoneMessageIsDueAtOnce) {
  EXPECT_FALSE(buffer.due(start, 0));
  EXPECT_EQ(buffer.due_at(), base::never);
  add(1);
  EXPECT_TRUE(buffer.due(start, 0));
}

TEST_F(WriteBufferTest, BesideARunningFlushOneWaitsForCompanyOrTime) {
  add(1);
  EXPECT_FALSE(buffer.due(start, 1));
  EXPECT_EQ(buffer.due_at(), start + 500ms);
  EXPECT_FALSE(buffer.due(start + 499ms, 1));
  EXPECT_TRUE(buffer.due(start + 500ms, 1));
  add(8, 100, start + 100ms);
  EXPECT_FALSE(buffer.due(start + 100ms, 3));
  EXPECT_EQ(buffer.due_at(), start + 500ms);  // the oldest counts
  add(1, 100, start + 200ms);
  EXPECT_TRUE(buffer.due(start + 200ms, 3));
}

TEST_F(WriteBufferTest, ABatchIsTheOldestWholePublishes) {
  const auto a = add(8), b = add(8), c = add(8), d = add(1);
  EXPECT_EQ(buffer.take().publishes, (std::vector<PublishPtr>{a, b}));  // the next would make 24
  EXPECT_EQ(buffer.waiting_messages(), 9u);
  EXPECT_EQ(buffer.held_messages(), 25u);
  EXPECT_EQ(buffer.take().publishes, (std::vector<PublishPtr>{c, d}));
  EXPECT_TRUE(buffer.take().publishes.empty());
  EXPECT_FALSE(buffer.due(start + 1h, 0));
}

TEST_F(WriteBufferTest, ABatchIsBoundedInBytesToo) {
  const auto a = add(1, 3000), b = add(1, 2000), c = add(1, 1);
  EXPECT_EQ(buffer.take().publishes, (std::vector<PublishPtr>{a, b}));
  EXPECT_EQ(buffer.take().publishes, (std::vector<PublishPtr>{c}));
}

TEST_F(WriteBufferTest, OnePublishLargerThanABatchGoesAlone) {
  const auto large = add(50, 9000), next = add(1);
  EXPECT_EQ(buffer.take().publishes, std::vector<PublishPtr>{large});
  EXPECT_EQ(buffer.take().publishes, std::vector<PublishPtr>{next});
}

TEST_F(WriteBufferTest, AdmitsUpToItsCapacityWaitingOrInFlight) {
  const auto first = add(60);
  EXPECT_TRUE(buffer.admits(40, 100));
  EXPECT_FALSE(buffer.admits(41, 100));
  buffer.take();
  EXPECT_FALSE(buffer.admits(41, 100));  // in a flush it still counts
  EXPECT_DOUBLE_EQ(buffer.utilization(), 0.6);
  buffer.release(*first);
  EXPECT_TRUE(buffer.admits(41, 100));
  EXPECT_TRUE(buffer.empty());
  EXPECT_EQ(buffer.held_bytes(), 0u);
  EXPECT_EQ(buffer.utilization(), 0);
}

TEST_F(WriteBufferTest, AdmitsByBytes) {
  add(1, 9000);
  EXPECT_TRUE(buffer.admits(1, 1000));
  EXPECT_FALSE(buffer.admits(1, 1001));
}

TEST_F(WriteBufferTest, AnEmptyOneTakesAnyOnePublish) {
  EXPECT_TRUE(buffer.admits(1000, 1 << 20));
  add(1000, 1 << 20);
  EXPECT_FALSE(buffer.admits(1, 1));
  EXPECT_EQ(buffer.utilization(), 1);  // never above
}

TEST_F(WriteBufferTest, FlushesBesideEachOtherAreBoundedInBytes) {
  const auto large = add(50, flushing_bytes - 1000), next = add(1, 1001), small = add(1, 10);
  const auto batch = buffer.take();
  EXPECT_EQ(batch.publishes, std::vector<PublishPtr>{large});
  EXPECT_TRUE(buffer.must_wait());
  EXPECT_FALSE(buffer.due(start + 1h, 1));
  EXPECT_EQ(buffer.due_at(), base::never);  // not by time
  buffer.flushed(batch.bytes);
  EXPECT_FALSE(buffer.must_wait());
  EXPECT_EQ(buffer.due_at(), start + 500ms);
  EXPECT_TRUE(buffer.due(start + 1h, 0));
  EXPECT_EQ(buffer.take().publishes, (std::vector<PublishPtr>{next, small}));
}

TEST_F(WriteBufferTest, APublishLargerThanAllFlushesGoesWhenNoneRuns) {
  const auto small = add(1, 10);
  const auto batch = buffer.take();
  const auto large = add(1, 2 * flushing_bytes);
  EXPECT_FALSE(buffer.due(start + 1h, 1));
  buffer.flushed(batch.bytes);
  EXPECT_EQ(buffer.take().publishes, std::vector<PublishPtr>{large});
}

TEST_F(WriteBufferTest, OnlyWhatWaitsCanBeWithdrawn) {
  const auto a = add(15), b = add(15), c = add(5);
  buffer.take();
  EXPECT_FALSE(buffer.withdraw(a));
  EXPECT_TRUE(buffer.withdraw(b));
  EXPECT_FALSE(buffer.withdraw(b));
  EXPECT_EQ(buffer.waiting_messages(), 5u);
  EXPECT_EQ(buffer.held_messages(), 20u);
  EXPECT_EQ(buffer.take().publishes, std::vector<PublishPtr>{c});
}

}  // namespace
}  // namespace prompted::mqwriter
