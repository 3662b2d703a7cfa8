// How many rows a MessageTable has room for.
#include "unit/mqreader/message_table_fixture.hpp"

namespace prompted::mqreader {
namespace {

constexpr std::int64_t mebibyte = 1 << 20;

TableLimits limits(std::int64_t messages, std::int64_t bytes) {
  TableLimits limits;
  limits.messages = messages;
  limits.bytes = bytes;
  return limits;
}

struct SmallStore : StoreTest {
  SmallStore() : StoreTest(limits(10, mebibyte)) {}
};
struct LowBytes : StoreTest {
  LowBytes() : StoreTest(limits(1000, 10 * 1024)) {}
};

TEST_F(SmallStore, HalfOfItIsForBacklogs) {
  EXPECT_EQ(store.room().fresh, 10);
  EXPECT_EQ(store.room().backlog, 5);
  for (int id = 1; id <= 5; ++id) store.add(row_of(id), false);
  EXPECT_EQ(store.room().backlog, 0);
  EXPECT_EQ(store.room().fresh, 5);
  for (int id = 6; id <= 10; ++id) store.add(row_of(id), true);
  EXPECT_EQ(store.room().fresh, 0);
  lease(1, 3);
  EXPECT_EQ(store.room().fresh, 0);  // leased ones are held too
  ack(1);
  EXPECT_EQ(store.room().fresh, 3);
  EXPECT_EQ(store.room().backlog, 3);
}

TEST_F(SmallStore, FreshMessagesMayFillAllOfItAndThenTheBacklogWaits) {
  for (int id = 1; id <= 8; ++id) store.add(row_of(id), true);
  EXPECT_EQ(store.room().fresh, 2);
  EXPECT_EQ(store.room().backlog, 2);
  for (int id = 9; id <= 12; ++id) store.add(row_of(id), true);  // a page may be a little more than there was room for
  EXPECT_EQ(store.room().fresh, 0);
  EXPECT_EQ(store.room().backlog, 0);
}

TEST_F(LowBytes, BytesCountAsRowsOfTheSizeSeenSoFar) {
  EXPECT_EQ(store.room().fresh, 10);  // unknown rows: 1 KiB each
  store.add(row_of(1, 0, 0, std::string(2048 - 480, 'x')), true);
  EXPECT_EQ(store.bytes(), 2048u);
  EXPECT_EQ(store.room().fresh, 4);
  EXPECT_EQ(store.room().backlog, 2);
  store.add(row_of(2, 0, 0, std::string(20 * 1024, 'x')), true);
  EXPECT_EQ(store.room().fresh, 0);
  EXPECT_EQ(store.room().backlog, 0);
}

TEST_F(LowBytes, ARowLargerThanHalfOfItIsStillFetched) {
  store.add(row_of(1, 0, 0, std::string(8 * 1024, 'x')), false);
  EXPECT_EQ(store.room().backlog, 0);
  lease(1);
  ack(1);
  EXPECT_EQ(store.bytes(), 0u);
  EXPECT_GE(store.room().backlog, 1);
}

TEST(Room, ASingleMessagesRoomIsBothHalves) {
  MessageTable store(limits(1, mebibyte), 1);
  store.set_partitions({0});
  EXPECT_EQ(store.room().fresh, 1);
  EXPECT_EQ(store.room().backlog, 1);
}

}  // namespace
}  // namespace prompted::mqreader
