#include "mqreader/ownership/advertised_address.hpp"

#include <gtest/gtest.h>

namespace prompted::mqreader {
namespace {

TEST(AdvertisedAddress, AReaderThatListensEverywhereIsFoundWhereItReachesPostgres) {
  EXPECT_EQ(advertised_address("::", "10.0.0.7"), "10.0.0.7");
  EXPECT_EQ(advertised_address("::", "fd00::7"), "[fd00::7]");
  EXPECT_EQ(advertised_address("::", "::1"), "[::1]");
  EXPECT_EQ(advertised_address("0.0.0.0", "10.0.0.7"), "10.0.0.7");
}

TEST(AdvertisedAddress, OneThatListensOnOneAddressIsFoundThereOnly) {
  EXPECT_EQ(advertised_address("127.0.0.1", "10.0.0.7"), "127.0.0.1");
  EXPECT_EQ(advertised_address("127.0.0.1", "::1"), "127.0.0.1");
  EXPECT_EQ(advertised_address("192.0.2.1", "10.0.0.7"), "192.0.2.1");
  EXPECT_EQ(advertised_address("fd00::1", "10.0.0.7"), "[fd00::1]");
}

TEST(AdvertisedAddress, IPv4AloneIsNotAdvertisedByAnIPv6Address) {
  EXPECT_EQ(advertised_address("0.0.0.0", "::1"), "127.0.0.1");
}

}  // namespace
}  // namespace prompted::mqreader
