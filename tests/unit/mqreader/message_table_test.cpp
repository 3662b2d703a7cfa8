// Which rows are accepted, which may be leased, and which an ack or a nack affects.
#include "mqreader/lease/message_table.hpp"

#include "unit/mqreader/message_table_fixture.hpp"

namespace prompted::mqreader {
namespace {

using Ids = std::vector<std::int64_t>;
using MessageTableTest = StoreTest;

TEST_F(MessageTableTest, AHotPartitionDoesNotStarveTheOthers) {
  for (int id = 1; id <= 10; ++id) add(id, 0);
  add(11, 1);
  add(12, 1);
  add(13, 3);
  EXPECT_EQ(lease(1, 7), (Ids{1, 11, 13, 2, 12, 3, 4}));
  add(14, 1);
  EXPECT_EQ(lease(2, 3), (Ids{5, 14, 6}));
  EXPECT_EQ(lease(3), (Ids{7, 8, 9, 10}));
}

TEST_F(MessageTableTest, AFirstDeliveryIsNumberOneAndCostsNoWrite) {
  store.add(row_of(1, 2, 0, R"({"a":1})"), true);
  EXPECT_EQ(lease(1), Ids{1});
  const Delivery& delivery = last_grant.deliveries.front();
  EXPECT_EQ(delivery.attempts, 1);
  EXPECT_EQ(delivery.partition, 2);
  EXPECT_EQ(delivery.payload, R"({"a":1})");
  EXPECT_FALSE(store.needs_writes());
  EXPECT_EQ(store.leased(), 1u);
}

TEST_F(MessageTableTest, NothingReadyIsNoLease) {
  EXPECT_TRUE(lease(1).empty());
  EXPECT_EQ(store.open_leases(), 0u);
  EXPECT_EQ(store.counts().leases, 0u);
  EXPECT_EQ(store.next_event(), base::never);
}

TEST_F(MessageTableTest, ARowDeliveredInAnEarlierLifeWaitsForItsWrite) {
  store.add(row_of(1, 0, 2), true);
  EXPECT_TRUE(lease(1).empty());
  const auto writes = store.take_attempts(10);
  ASSERT_EQ(writes.size(), 1u);
  EXPECT_EQ(writes[0].attempts, 3);
  EXPECT_EQ(writes[0].key.uuid, uuid_of(1));
  store.redeliver(1, now);
  EXPECT_EQ(lease(1), Ids{1});
  EXPECT_EQ(last_grant.deliveries[0].attempts, 3);
  EXPECT_EQ(store.counts().redeliveries, 1u);
}

TEST_F(MessageTableTest, AckTakesTheWholeLeaseOrThoseNamed) {
  add_all(1, 4);
  lease(1);
  const std::vector<base::Uuid> two{uuid_of(2), uuid_of(3), uuid_of(99)};
  EXPECT_EQ(ack(1, two), 2u);
  EXPECT_EQ(ack(1, two), 0u);
  EXPECT_EQ(store.size(), 2u);
  EXPECT_EQ(ack(1, std::vector<base::Uuid>{}), 0u);
  EXPECT_EQ(ack(1), 2u);
  EXPECT_EQ(store.size(), 0u);
  EXPECT_EQ(store.bytes(), 0u);
  EXPECT_EQ(store.open_leases(), 0u);
  EXPECT_EQ(store.counts().acked, 4u);
}

TEST_F(MessageTableTest, AnAckedMessageIsGoneForConsumersBeforeItsRowIs) {
  add(1);
  lease(1);
  EXPECT_EQ(store.ack(uuid_of(1, 1), "c", std::nullopt).size(), 1u);
  EXPECT_EQ(store.ack(uuid_of(1, 1), "c", std::nullopt).size(), 0u);
  EXPECT_EQ(nack(1).requeued, 0u);
  pass(31s);
  EXPECT_FALSE(store.needs_writes());
  EXPECT_TRUE(lease(2).empty());
  EXPECT_EQ(store.size(), 1u);
  store.removed(key_of(1));
  EXPECT_EQ(store.size(), 0u);
}

TEST_F(MessageTableTest, OnlyItsOwnConsumerReachesALease) {
  add(1);
  lease(1);
  EXPECT_EQ(ack(1, {}, "other"), 0u);
  EXPECT_EQ(nack(1, 0s, true, "other").dead.size(), 0u);
  EXPECT_FALSE(extend(1, 30s, "other"));
  EXPECT_EQ(ack(7), 0u);
  EXPECT_EQ(ack(1), 1u);
}

TEST_F(MessageTableTest, AnswersStayBounded) {
  store = MessageTable({.messages = 1000, .bytes = 1 << 30, .max_attempts = 5}, 4);
  store.set_partitions({0});
  for (int id = 1; id <= 40; ++id) store.add(row_of(id, 0, 0, std::string(1 << 20, 'x')), true);
  EXPECT_EQ(lease(1).size(), 4u);  // 4 MiB of payload, whatever `max` says
  EXPECT_EQ(lease(2, 3).size(), 3u);
}

TEST_F(MessageTableTest, KnowsItsIdsAndTakesEachOnce) {
  EXPECT_TRUE(add(1));
  EXPECT_FALSE(add(1));
  EXPECT_TRUE(store.knows(1));
  EXPECT_FALSE(store.knows(2));
  lease(1);
  EXPECT_FALSE(add(1));
  EXPECT_EQ(store.size(), 1u);
  ack(1);
  EXPECT_FALSE(store.knows(1));
}

TEST_F(MessageTableTest, AnotherUuidUnderTheSameIdReplacesTheOldMessage) {
  add(1);
  add(2);
  lease(1);
  Row recurs = row_of(1, 1);
  recurs.uuid = uuid_of(77);
  EXPECT_TRUE(store.add(recurs, true));
  EXPECT_EQ(store.size(), 2u);
  EXPECT_EQ(store.leased(), 1u);
  EXPECT_EQ(ack(1), 1u);  // message 2 alone: the old message 1 is no more
  EXPECT_EQ(lease(2), Ids{77});
  EXPECT_EQ(ack(2), 1u);
  EXPECT_EQ(store.bytes(), 0u);
}

TEST_F(MessageTableTest, WhatWasOnlyDroppedComesAgain) {
  add_all(1, 3);
  store.set_partitions({});
  store.set_partitions({0, 1, 2, 3});
  EXPECT_TRUE(add(1));
  EXPECT_EQ(store.clears(), 0u);
  store.clear();
  EXPECT_EQ(store.clears(), 1u);
  EXPECT_TRUE(add(1));
}

TEST_F(MessageTableTest, TellsWhetherARemovedRowWasHere) {
  add_all(1, 2);
  lease(1);
  EXPECT_FALSE(store.removed(key_of(1)));  // it was not acked
  EXPECT_EQ(store.ack(uuid_of(1, 1), "c", std::nullopt).size(), 2u);
  EXPECT_FALSE(store.removed({1, uuid_of(77)}));
  EXPECT_TRUE(store.removed(key_of(1)));
  EXPECT_FALSE(store.removed(key_of(1)));
  EXPECT_FALSE(store.forgotten(key_of(2)));  // acked: its DELETE tells
}

TEST_F(MessageTableTest, ARepetitionIsToldWhatIsNotDoneYet) {
  using Leaving = MessageTable::Leaving;
  const auto leaving = [this](Leaving how) { return store.leaving(uuid_of(1, 1), "c", std::nullopt, how); };
  add_all(1, 3);
  lease(1);
  EXPECT_TRUE(leaving(Leaving::acked).empty());
  EXPECT_EQ(store.ack(uuid_of(1, 1), "c", std::vector<base::Uuid>{uuid_of(1), uuid_of(2)}).size(), 2u);
  EXPECT_EQ(store.ack(uuid_of(1, 1), "c", std::vector<base::Uuid>{uuid_of(1), uuid_of(2)}).size(), 0u);
  EXPECT_EQ(nack(1, 0s, true).dead.size(), 1u);
  EXPECT_EQ(leaving(Leaving::acked), (Ids{1, 2}));
  EXPECT_EQ(leaving(Leaving::dead_lettering), Ids{3});
  store.removed(key_of(2));
  EXPECT_EQ(leaving(Leaving::acked), Ids{1});
  EXPECT_TRUE(store.any_leaving({1, 2}));
  store.removed(key_of(1));
  EXPECT_FALSE(store.any_leaving({1, 2}));
  EXPECT_TRUE(store.any_leaving({3}));
}

TEST_F(MessageTableTest, NothingIsDueForALeaseThatIsAcked) {
  add_all(1, 3);
  lease(1);
  EXPECT_EQ(store.next_event(), now + 30s);
  ack(1);
  EXPECT_EQ(store.next_event(), base::never);
}

TEST_F(MessageTableTest, ServesOnlyItsPartitions) {
  store.set_partitions({0, 1});
  EXPECT_FALSE(add(1, 2));
  EXPECT_FALSE(store.add(row_of(2, 4), true));
  EXPECT_FALSE(store.add(row_of(3, -1), true));
  add(4, 0);
  add(5, 1);
  add(6, 1);
  EXPECT_EQ(lease(1, 2), (Ids{4, 5}));
  store.set_partitions({0});
  EXPECT_FALSE(store.knows(6));  // nobody had it: dropped
  EXPECT_EQ(store.size(), 2u);
  EXPECT_EQ(ack(1), 2u);  // but a lease that is out is still honoured
  store.set_partitions({});
  EXPECT_FALSE(add(7, 0));
}

TEST_F(MessageTableTest, AMessageOfALostPartitionIsNotServedAgain) {
  add(1, 3);
  add(2, 3);
  lease(1, 1);
  lease(2, 1);
  store.set_partitions({0});
  EXPECT_EQ(nack(1).requeued, 1u);  // its new owner reads it from the table
  pass(31s);
  EXPECT_EQ(store.size(), 0u);
  EXPECT_FALSE(store.needs_writes());
}

TEST_F(MessageTableTest, AfterAnotherServerNoLeaseAckOrBurialCounts) {
  add_all(1, 6);
  lease(1, 2);
  lease(2, 1);
  lease(3, 1);
  nack(2);
  ASSERT_EQ(nack(3, 0s, true).dead.size(), 1u);
  const auto acked = store.ack(uuid_of(1, 1), "c", std::vector<base::Uuid>{uuid_of(1)});
  ASSERT_EQ(acked.size(), 1u);
  store.clear();
  EXPECT_EQ(store.size() + store.bytes() + store.ready() + store.leased() + store.open_leases(), 0u);
  EXPECT_FALSE(store.needs_writes());
  EXPECT_EQ(store.next_event(), base::never);
  add_all(1, 6);            // the poll brings all of them again
  store.removed(acked[0]);  // the word of the DELETE on the old server
  store.forgotten(key_of(3));
  EXPECT_EQ(store.size(), 6u);
  EXPECT_EQ(ack(1), 0u);
  EXPECT_FALSE(extend(1));
  EXPECT_EQ(lease(4).size(), 6u);
}

TEST_F(MessageTableTest, ALeaseThatNobodyGotIsTakenBackAndDoesNotCount) {
  add_all(1, 5);
  EXPECT_EQ(lease(1, 3), (Ids{1, 2, 3}));
  store.take_back_grant(uuid_of(1, 1));
  EXPECT_EQ(store.open_leases(), 0u);
  EXPECT_EQ(store.ready(), 5u);
  EXPECT_EQ(ack(1), 0u);
  EXPECT_EQ(lease(2).size(), 5u);
  for (const auto& delivery : last_grant.deliveries) EXPECT_EQ(delivery.attempts, 1);
  store.take_back_grant(uuid_of(9, 1));  // unknown: nothing
  EXPECT_EQ(ack(2), 5u);
}

TEST_F(MessageTableTest, DepthsAreByPartition) {
  add(5, 1);
  add(3, 1);
  add(9, 2);
  lease(1, 1);
  const auto depths = store.depths();
  ASSERT_EQ(depths.size(), 2u);
  EXPECT_EQ(depths.at(1).messages, 2u);
  EXPECT_EQ(depths.at(1).leased, 1u);
  EXPECT_EQ(depths.at(1).oldest_created, 1003.0);
  EXPECT_EQ(depths.at(2).leased, 0u);
}

}  // namespace
}  // namespace prompted::mqreader
