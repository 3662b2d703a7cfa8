#include "mqreader/lease/lease_table.hpp"

#include <gtest/gtest.h>

namespace prompted::mqreader {
namespace {

using namespace std::chrono_literals;

base::Uuid id_of(std::uint8_t n) {
  base::Uuid id;
  id.bytes[0] = n;
  return id;
}

struct LeaseTableTest : testing::Test {
  const base::TimePoint now = base::TimePoint{} + 1000s;
  LeaseTable leases;
};

TEST_F(LeaseTableTest, EndsWithItsLastMessage) {
  const auto serial = leases.next_serial();
  leases.open(id_of(1), "c", {1, 2}, now + 30s);
  EXPECT_EQ(leases.find(id_of(1), "other"), nullptr);
  ASSERT_NE(leases.find(id_of(1), "c"), nullptr);
  EXPECT_EQ(leases.find(id_of(1), "c")->serial, serial);
  const Lease* left = leases.leave(serial);
  ASSERT_NE(left, nullptr);
  EXPECT_EQ(left->open, 1u);
  EXPECT_EQ(leases.leave(serial), nullptr);
  EXPECT_FALSE(leases.contains(id_of(1)));
  EXPECT_EQ(leases.next_expiry(), base::never);
  EXPECT_EQ(leases.leave(serial), nullptr);  // unknown by now
}

TEST_F(LeaseTableTest, ExpiresOnceAndInOrder) {
  leases.open(id_of(1), "c", {1}, now + 30s);
  leases.open(id_of(2), "c", {2}, now + 10s);
  EXPECT_EQ(leases.next_expiry(), now + 10s);
  EXPECT_EQ(leases.next_expired(now + 9s), nullptr);
  const Lease* first = leases.next_expired(now + 30s);
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(first->ids, std::vector<std::int64_t>{2});
  EXPECT_TRUE(first->expired);
  ASSERT_NE(leases.next_expired(now + 30s), nullptr);
  EXPECT_EQ(leases.next_expired(now + 30s), nullptr);
  EXPECT_EQ(leases.size(), 2u);  // an expired lease can be acked until its messages are leased again
}

TEST_F(LeaseTableTest, HoweverOftenItIsExtendedItExpiresAtItsLatestEnd) {
  leases.open(id_of(1), "c", {1}, now + 10s);
  for (int i = 0; i < 100; ++i) leases.extend(id_of(1), *leases.find(id_of(1)), now + 20s + i * 1s);
  EXPECT_EQ(leases.next_expired(now + 118s), nullptr);
  EXPECT_EQ(leases.next_expiry(), now + 119s);
  leases.extend(id_of(1), *leases.find(id_of(1)), now + 50s);  // earlier again
  EXPECT_EQ(leases.next_expiry(), now + 50s);
  EXPECT_NE(leases.next_expired(now + 50s), nullptr);
  EXPECT_EQ(leases.next_expired(now + 200s), nullptr);
}

TEST_F(LeaseTableTest, AClearedTableGivesNoSerialTwice) {
  const auto serial = leases.next_serial();
  leases.open(id_of(1), "c", {1}, now + 10s);
  leases.clear();
  EXPECT_EQ(leases.size(), 0u);
  EXPECT_EQ(leases.next_expired(now + 10s), nullptr);
  EXPECT_GT(leases.next_serial(), serial);
}

}  // namespace
}  // namespace prompted::mqreader
