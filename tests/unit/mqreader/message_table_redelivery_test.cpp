// Expiry, nacks, delays and dead-lettering: when a message is redelivered, and which lease may still ack it.
#include "unit/mqreader/message_table_fixture.hpp"

namespace prompted::mqreader {
namespace {

using Ids = std::vector<std::int64_t>;
using Redelivery = StoreTest;

TableLimits one_attempt() {
  TableLimits limits;
  limits.max_attempts = 1;
  return limits;
}
struct OneAttempt : StoreTest {
  OneAttempt() : StoreTest(one_attempt()) {}
};

TEST_F(Redelivery, ComesOnlyAfterItsNumberWasWritten) {
  add(1);
  lease(1);
  EXPECT_EQ(store.next_event(), now + 30s);
  pass(29s);
  EXPECT_FALSE(store.needs_writes());
  pass(1s);
  EXPECT_TRUE(store.needs_writes());
  EXPECT_TRUE(lease(2).empty());
  const auto writes = store.take_attempts(10);
  ASSERT_EQ(writes.size(), 1u);
  EXPECT_EQ(writes[0].attempts, 2);
  EXPECT_FALSE(store.needs_writes());
  EXPECT_TRUE(lease(2).empty());  // on its way
  store.redeliver(1, now);
  EXPECT_EQ(lease(2), Ids{1});
  EXPECT_EQ(last_grant.deliveries[0].attempts, 2);
  EXPECT_EQ(store.counts().expired, 1u);
  EXPECT_EQ(store.counts().redeliveries, 1u);
}

TEST_F(Redelivery, AFailedWriteIsTriedAgain) {
  add_all(1, 3);
  lease(1);
  pass(30s);
  EXPECT_EQ(store.take_attempts(2).size(), 2u);
  const auto third = store.take_attempts(2);
  ASSERT_EQ(third.size(), 1u);
  store.retry_attempts(third);
  ASSERT_TRUE(store.needs_writes());
  const auto again = store.take_attempts(2);
  ASSERT_EQ(again.size(), 1u);
  EXPECT_EQ(again[0].key.id, third[0].key.id);
  EXPECT_EQ(again[0].attempts, 2);
}

TEST_F(Redelivery, ARowConsumedElsewhereIsForgotten) {
  add(1);
  lease(1);
  pass(30s);
  store.take_attempts(10);
  store.forgotten(key_of(1));
  EXPECT_EQ(store.size(), 0u);
  EXPECT_EQ(store.open_leases(), 0u);
  EXPECT_EQ(store.counts().forgotten, 1u);
  store.forgotten(key_of(1));
  store.redeliver(1, now);
  EXPECT_EQ(store.counts().forgotten, 1u);
}

TEST_F(Redelivery, AnExpiredLeaseStillAcksUntilItsMessagesAreLeasedAgain) {
  add_all(1, 4);
  lease(1);
  pass(30s);
  EXPECT_EQ(ack(1, std::vector<base::Uuid>{uuid_of(1)}), 1u);  // its number waits to be written
  auto writes = store.take_attempts(10);
  EXPECT_EQ(writes.size(), 3u);
  EXPECT_EQ(ack(1, std::vector<base::Uuid>{uuid_of(2)}), 1u);  // it is being written
  for (const auto& write : writes) store.redeliver(write.key.id, now);
  EXPECT_EQ(ack(1, std::vector<base::Uuid>{uuid_of(3)}), 1u);  // it is ready again
  EXPECT_EQ(store.ready(), 1u);
  EXPECT_EQ(lease(2), Ids{4});
  EXPECT_EQ(ack(1), 0u);  // leased again
  EXPECT_EQ(ack(2), 1u);
}

TEST_F(Redelivery, StaleWordsNeverTouchANewerLease) {
  add(1);
  lease(1);
  pass(30s);
  persist();
  ASSERT_EQ(lease(2), Ids{1});
  EXPECT_EQ(ack(1), 0u);
  const auto nacked = nack(1, 0s, true);
  EXPECT_EQ(nacked.requeued + nacked.dead.size(), 0u);
  EXPECT_FALSE(extend(1));
  EXPECT_EQ(store.leased(), 1u);
  EXPECT_EQ(store.open_leases(), 1u);
  pass(29s);
  EXPECT_EQ(store.leased(), 1u);  // its own 30 s
  EXPECT_EQ(ack(2), 1u);
}

TEST_F(Redelivery, AnAcknowledgedMessageIgnoresTheEndOfItsWrite) {
  add(1);
  lease(1);
  pass(30s);
  store.take_attempts(10);
  EXPECT_EQ(store.ack(uuid_of(1, 1), "c", std::nullopt).size(), 1u);
  store.redeliver(1, now);
  EXPECT_EQ(store.ready(), 0u);
  EXPECT_TRUE(lease(2).empty());
}

TEST_F(Redelivery, ExtendMovesTheEndAndOnlyOfALivingLease) {
  add(1);
  lease(1);
  now += 20s;
  EXPECT_TRUE(extend(1, 30s));
  pass(29s);
  EXPECT_EQ(store.leased(), 1u);
  now += 1s;  // at its end, though nobody has looked yet
  EXPECT_FALSE(extend(1, 30s));
  store.advance(now);
  EXPECT_EQ(store.leased(), 0u);
  EXPECT_FALSE(extend(1, 30s));
  EXPECT_FALSE(extend(9, 30s));
}

TEST_F(Redelivery, AnEndMayComeNearerAndGoFarAgain) {
  add(1);
  lease(1);
  EXPECT_TRUE(extend(1, 10s));
  EXPECT_EQ(store.next_event(), now + 10s);
  EXPECT_TRUE(extend(1, 60s));
  pass(59s);
  EXPECT_EQ(store.leased(), 1u);
  EXPECT_EQ(store.next_event(), now + 1s);
  pass(1s);
  EXPECT_EQ(store.leased(), 0u);
  EXPECT_EQ(store.next_event(), base::never);
}

TEST_F(Redelivery, ExtendingFindsNothingOfALeaseThatWasGivenBack) {
  add_all(1, 2);
  lease(1);
  store.ack(uuid_of(1, 1), "c", std::nullopt);
  EXPECT_FALSE(extend(1, 30s));
}

TEST_F(Redelivery, ANackComesBackAtOnceAndInFront) {
  add_all(1, 3);
  EXPECT_EQ(lease(1, 1), Ids{1});
  const auto nacked = nack(1);
  EXPECT_EQ(nacked.requeued, 1u);
  EXPECT_TRUE(nacked.dead.empty());
  EXPECT_EQ(nack(1).requeued, 0u);
  EXPECT_EQ(persist(), 1u);
  EXPECT_EQ(lease(2), (Ids{1, 2, 3}));
  EXPECT_EQ(last_grant.deliveries[0].attempts, 2);
  EXPECT_EQ(last_grant.deliveries[1].attempts, 1);
  EXPECT_EQ(store.counts().nacked, 1u);
}

TEST_F(Redelivery, ANackOfAnExpiredLeaseFindsItsMessagesOnTheirWayBack) {
  add(1);
  lease(1);
  pass(30s);
  EXPECT_EQ(nack(1, 0s, true).dead.size(), 0u);
  EXPECT_EQ(persist(), 1u);
  EXPECT_EQ(lease(2), Ids{1});
  EXPECT_EQ(last_grant.deliveries[0].attempts, 2);
}

TEST_F(Redelivery, ADelayIsKept) {
  add(1);
  lease(1);
  nack(1, 5s);
  EXPECT_EQ(persist(), 1u);
  EXPECT_EQ(store.ready(), 0u);
  EXPECT_EQ(store.next_event(), now + 5s);
  pass(4s);
  EXPECT_TRUE(lease(2).empty());
  pass(1s);
  EXPECT_EQ(lease(2), Ids{1});
}

TEST_F(Redelivery, AnAckWhileItIsDelayedEndsIt) {
  add(1);
  lease(1);
  nack(1, 5s);
  persist();
  EXPECT_EQ(ack(1), 1u);
  pass(6s);
  EXPECT_TRUE(lease(2).empty());
  EXPECT_EQ(store.size(), 0u);
}

TEST_F(Redelivery, TheNackAtMaxAttemptsBuries) {
  add(1);
  for (int attempt = 1; attempt <= 4; ++attempt) {
    ASSERT_EQ(lease(attempt), Ids{1});
    EXPECT_EQ(nack(attempt).requeued, 1u);
    persist();
  }
  ASSERT_EQ(lease(5), Ids{1});
  const auto nacked = nack(5);
  EXPECT_EQ(nacked.requeued, 0u);
  ASSERT_EQ(nacked.dead.size(), 1u);
  EXPECT_EQ(nacked.dead[0].attempts, 5);
  EXPECT_EQ(*nacked.dead[0].reason, "because");
  EXPECT_EQ(nacked.dead[0].key.uuid, uuid_of(1));
  EXPECT_EQ(ack(5), 0u);  // already decided
  pass(60s);
  EXPECT_FALSE(store.needs_writes());
  store.removed(key_of(1));
  EXPECT_EQ(store.size(), 0u);
  EXPECT_EQ(store.counts().dead_lettered, 1u);
}

TEST_F(Redelivery, ADeadNackBuriesTheFirstTimeAndOnlyThoseNamed) {
  add_all(1, 2);
  lease(1);
  const auto nacked = store.nack(uuid_of(1, 1), "c", std::vector<base::Uuid>{uuid_of(2)}, true, "no gpu_id", 0s, now);
  ASSERT_EQ(nacked.dead.size(), 1u);
  EXPECT_EQ(nacked.dead[0].key.id, 2);
  EXPECT_EQ(nacked.dead[0].attempts, 1);
  EXPECT_EQ(ack(1), 1u);
}

TEST_F(OneAttempt, AnExpiryBuriesOnlyBeyondTenTimesTheAttempts) {
  add(1);
  for (int attempt = 1; attempt <= 10; ++attempt) {
    ASSERT_EQ(lease(attempt), Ids{1});
    EXPECT_EQ(last_grant.deliveries[0].attempts, attempt);
    pass(30s);
    EXPECT_TRUE(store.take_dead().empty());
    ASSERT_EQ(persist(), 1u);
  }
  ASSERT_EQ(lease(11), Ids{1});
  pass(30s);
  EXPECT_TRUE(store.needs_writes());
  const auto burials = store.take_dead();
  ASSERT_EQ(burials.size(), 1u);
  EXPECT_EQ(burials[0].attempts, 11);
  EXPECT_FALSE(burials[0].reason->empty());
  EXPECT_TRUE(lease(12).empty());
}

TEST_F(OneAttempt, ASuspectGoesOutAloneSoThatOthersDoNotDieWithIt) {
  add_all(2, 3);
  store.add(row_of(1, 0, 10), true);
  store.add(row_of(4, 0, 10), true);
  ASSERT_EQ(persist(), 2u);
  EXPECT_EQ(lease(1).size(), 1u);
  EXPECT_EQ(lease(2).size(), 1u);
  EXPECT_EQ(lease(3), (Ids{2, 3}));
  pass(30s);
  EXPECT_EQ(store.take_dead().size(), 2u);
  EXPECT_EQ(persist(), 2u);
}

TEST_F(OneAttempt, ASuspectBehindOthersWaitsForTheNextLease) {
  add_all(2, 3);
  store.add(row_of(1, 1, 10), true);
  ASSERT_EQ(persist(), 1u);
  EXPECT_EQ(lease(1), Ids{2});  // partition 1's turn: not beside another
  EXPECT_EQ(lease(2).size() + lease(3).size(), 2u);
  EXPECT_TRUE(lease(4).empty());
}

TEST_F(Redelivery, OneLeaseAmongManyExpiresByItself) {
  add_all(1, 3);
  lease(1, 1);
  now += 10s;
  lease(2, 1);
  now += 10s;
  lease(3, 1);
  pass(10s);
  EXPECT_EQ(store.leased(), 2u);
  EXPECT_EQ(store.next_event(), now + 10s);
  pass(10s);
  EXPECT_EQ(store.leased(), 1u);
  persist();
  EXPECT_EQ(lease(4), (Ids{2, 1}));
  EXPECT_EQ(store.open_leases(), 2u);
}

TEST_F(StoreTest, QuietWhileNobodyHoldsAMessageAndNothingIsWritten) {
  EXPECT_TRUE(store.quiet());
  add_all(1, 2);
  EXPECT_TRUE(store.quiet());
  lease(1, 1);
  EXPECT_FALSE(store.quiet());
  EXPECT_FALSE(store.any_redelivery());
  nack(1, 10s);
  EXPECT_TRUE(store.any_redelivery());
  EXPECT_FALSE(store.quiet());  // its number is being written
  persist();
  EXPECT_FALSE(store.quiet());  // delayed
  pass(11s);
  EXPECT_TRUE(store.quiet());
  lease(2, 2);
  const auto keys = store.ack(uuid_of(2, 1), "c", std::nullopt);
  EXPECT_FALSE(store.quiet());  // deleted is not yet committed
  for (const auto& key : keys) store.removed(key);
  EXPECT_TRUE(store.quiet());
  EXPECT_FALSE(store.any_redelivery());
  store.add(row_of(7, 0, 3), true);  // delivered before, by another reader
  EXPECT_TRUE(store.any_redelivery());
  store.clear();
  EXPECT_TRUE(store.quiet());
  EXPECT_FALSE(store.any_redelivery());
}

TEST_F(StoreTest, BurialsOfANackShareItsReason) {
  add_all(1, 3);
  lease(1);
  const auto nacked = nack(1, 0s, true);
  ASSERT_EQ(nacked.dead.size(), 3u);
  EXPECT_EQ(nacked.dead[0].reason.get(), nacked.dead[2].reason.get());
  EXPECT_EQ(nacked.dead[0].payload_bytes, 2u);  // {}
}

}  // namespace
}  // namespace prompted::mqreader
