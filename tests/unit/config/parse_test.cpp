#include "config/parse.hpp"

#include <gtest/gtest.h>

#include <utility>

namespace prompted::config {
namespace {

TEST(Bytes, BinaryUnits) {
  const std::pair<const char*, std::uint64_t> cases[] = {{"0", 0},
                                                         {"512", 512},
                                                         {"512B", 512},
                                                         {"64KiB", 65536},
                                                         {"16MiB", 16ull << 20},
                                                         {"2GiB", 2ull << 30},
                                                         {"1TiB", 1ull << 40},
                                                         {"18446744073709551615", ~0ull}};
  for (const auto& [text, expected] : cases) EXPECT_EQ(parse_bytes(text), expected) << text;
  for (const char* text : {"", "MiB", "16MB", "16mib", "16 MiB", "-1", "+1", "1.5MiB", "16MiBx", " 16", "16 ",
                           "18446744073709551616", "18014398509481984KiB", "0x10"}) {
    EXPECT_FALSE(parse_bytes(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace prompted::config
