#include "config/parse.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <utility>

namespace prompted::config {
namespace {

using namespace std::chrono_literals;

TEST(Duration, AsGoWritesIt) {
  const std::pair<const char*, std::chrono::milliseconds> cases[] = {{"0", 0ms},
                                                                     {"0s", 0ms},
                                                                     {"500ms", 500ms},
                                                                     {"1.5s", 1500ms},
                                                                     {"1m30s", 90s},
                                                                     {"1h", 1h},
                                                                     {"1h15m30.5s", 1h + 15min + 30s + 500ms},
                                                                     {".5s", 500ms},
                                                                     {"1.s", 1s},
                                                                     {"90m", 90min},
                                                                     {"1500us", 1ms},
                                                                     {"1500\u00b5s", 1ms},
                                                                     {"1500\u03bcs", 1ms},
                                                                     {"999999ns", 0ms},
                                                                     {"0.0015s", 1ms},
                                                                     {"600us400us", 1ms},
                                                                     {"1s1s", 2s},
                                                                     {"0.1h", 6min},
                                                                     {"2540400h", 2540400h},
                                                                     {"0.33333333333333333333h", 1199999ms}};
  for (const auto& [text, expected] : cases) {
    SCOPED_TRACE(text);
    EXPECT_EQ(parse_duration(text), expected);
  }
}

TEST(Duration, OtherTextsAreRefused) {
  for (const char* text : {"",
                           "5",
                           "s",
                           ".s",
                           "-1s",
                           "+1s",
                           "1 s",
                           " 1s",
                           "1s ",
                           "1d",
                           "1S",
                           "1m30",
                           "1.5.5s",
                           "1e3s",
                           "0x1s",
                           "2562048h",
                           "9223372036854775808ns",
                           "99999999999999999999s",
                           "9223372036s9223372036s",
                           "00"}) {
    EXPECT_FALSE(parse_duration(text).has_value()) << text;
  }
}

TEST(Duration, IsShownAsShortAsItGoes) {
  const std::pair<std::chrono::milliseconds, const char*> cases[] = {
      {0ms, "0s"}, {1ms, "1ms"},   {500ms, "500ms"},    {1s, "1s"}, {1500ms, "1.5s"}, {1005ms, "1.005s"},
      {60s, "1m"}, {90s, "1m30s"}, {61500ms, "1m1.5s"}, {1h, "1h"}, {90min, "1h30m"}, {1h + 1ms, "1h0.001s"}};
  for (const auto& [duration, text] : cases) {
    EXPECT_EQ(format_duration(duration), text);
    EXPECT_EQ(parse_duration(text), duration) << text;
  }
}

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

TEST(Integer, DecimalOnly) {
  EXPECT_EQ(parse_integer("0"), 0);
  EXPECT_EQ(parse_integer("-5"), -5);
  EXPECT_EQ(parse_integer("007"), 7);
  EXPECT_EQ(parse_integer("9223372036854775807"), std::numeric_limits<std::int64_t>::max());
  for (const char* text : {"", "-", "+5", "5 ", " 5", "5x", "0x5", "1.0", "1e3", "9223372036854775808"}) {
    EXPECT_FALSE(parse_integer(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace prompted::config
