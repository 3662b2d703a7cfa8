#include "base/uuid.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <unordered_set>

namespace prompted::base {
namespace {

Uuid uuid(std::string_view text) { return parse_uuid(text).value(); }

std::uint64_t unix_millis_of(const Uuid& v7) {
  std::uint64_t millis = 0;
  for (int i = 0; i < 6; ++i) millis = millis << 8 | v7.bytes[static_cast<std::size_t>(i)];
  return millis;
}

TEST(Uuid, TextGoesBothWays) {
  EXPECT_EQ(to_string(uuid("00112233-4455-6677-8899-aabbccddeeff")), "00112233-4455-6677-8899-aabbccddeeff");
  EXPECT_EQ(to_string(uuid("00112233-4455-6677-8899-AABBCCDDEEFF")), "00112233-4455-6677-8899-aabbccddeeff");
  EXPECT_EQ(to_string(Uuid{}), "00000000-0000-0000-0000-000000000000");
}

TEST(Uuid, OtherTextsAreRefused) {
  for (const char* text : {"", "00112233445566778899aabbccddeeff", "00112233-4455-6677-8899-aabbccddeef",
                           "00112233-4455-6677-8899-aabbccddeefff", "{00112233-4455-6677-8899-aabbccddeeff}",
                           "0011223-34455-6677-8899-aabbccddeeff", "00112233-4455-6677-8899-aabbccddeefg",
                           "00112233 4455-6677-8899-aabbccddeeff", "-0112233-4455-6677-8899-aabbccddeeff",
                           "00112233-4455-6677-8899-aabbccddee f"}) {
    EXPECT_FALSE(parse_uuid(text).has_value()) << text;
  }
}

TEST(Uuid, AddsToItsLast48BitsOnly) {
  const Uuid key = uuid("00112233-4455-6677-8899-000000000000");
  EXPECT_EQ(to_string(add_to_node(key, 0)), "00112233-4455-6677-8899-000000000000");
  EXPECT_EQ(to_string(add_to_node(key, 255)), "00112233-4455-6677-8899-0000000000ff");
  EXPECT_EQ(to_string(add_to_node(key, 0x123456789abc)), "00112233-4455-6677-8899-123456789abc");
  const Uuid last = uuid("00112233-4455-6677-8899-ffffffffffff");
  EXPECT_EQ(to_string(add_to_node(last, 1)), "00112233-4455-6677-8899-000000000000");
  EXPECT_EQ(to_string(add_to_node(last, 3)), "00112233-4455-6677-8899-000000000002");
  EXPECT_EQ(to_string(add_to_node(key, std::uint64_t{1} << 48)), "00112233-4455-6677-8899-000000000000");
}

TEST(UuidV7, AscendsAlsoWithinAMillisecond) {
  UuidV7Generator generator;
  Uuid before = generator.next();
  for (int i = 0; i < 100'000; ++i) {
    const Uuid next = generator.next();
    ASSERT_LT(before, next) << i;
    before = next;
  }
}

TEST(UuidV7, HasVersionVariantAndTheTime) {
  using namespace std::chrono;
  const auto now = [] {
    return static_cast<std::uint64_t>(duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count());
  };
  UuidV7Generator generator;
  const std::uint64_t earliest = now();
  const Uuid made = generator.next();
  EXPECT_EQ(made.bytes[6] >> 4, 7);
  EXPECT_EQ(made.bytes[8] >> 6, 0b10);
  EXPECT_GE(unix_millis_of(made), earliest);
  EXPECT_LE(unix_millis_of(made), now());
}

TEST(UuidV7, TwoGeneratorsNeverMeet) {
  UuidV7Generator one;
  UuidV7Generator other;
  std::unordered_set<Uuid> seen;
  for (int i = 0; i < 20'000; ++i) {
    EXPECT_TRUE(seen.insert(one.next()).second);
    EXPECT_TRUE(seen.insert(other.next()).second);
  }
}

TEST(RandomUuid, IsVersion4AndDiffers) {
  std::unordered_set<Uuid> seen;
  for (int i = 0; i < 1000; ++i) {
    const Uuid made = random_uuid();
    EXPECT_EQ(made.bytes[6] >> 4, 4);
    EXPECT_EQ(made.bytes[8] >> 6, 0b10);
    EXPECT_TRUE(seen.insert(made).second);
  }
}

TEST(UuidHash, SpreadsIdsOfOneIdempotencyKeyAndOfManyKeys) {
  std::unordered_set<std::size_t> hashes;
  const Uuid key = random_uuid();
  for (std::uint64_t i = 0; i < 10'000; ++i) hashes.insert(std::hash<Uuid>{}(add_to_node(key, i)));
  Uuid other = uuid("00000000-0000-0000-0000-000000000000");
  for (std::uint8_t i = 1; i != 0; ++i) {
    other.bytes[0] = i;
    hashes.insert(std::hash<Uuid>{}(other));
  }
  EXPECT_GE(hashes.size(), 10'254u);
}

}  // namespace
}  // namespace prompted::base
