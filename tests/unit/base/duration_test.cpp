#include "base/duration.hpp"

#include <gtest/gtest.h>

#include <utility>

namespace prompted::base {
namespace {

using namespace std::chrono_literals;

TEST(SettingDuration, AsGoWritesIt) {
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
    EXPECT_EQ(parse_duration(text, DurationStyle::setting), expected);
  }
}

TEST(SettingDuration, OtherTextsAreRefused) {
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
    EXPECT_FALSE(parse_duration(text, DurationStyle::setting).has_value()) << text;
  }
}

TEST(SettingDuration, IsShownAsShortAsItGoes) {
  const std::pair<std::chrono::milliseconds, const char*> cases[] = {
      {0ms, "0s"}, {1ms, "1ms"},   {500ms, "500ms"},    {1s, "1s"}, {1500ms, "1.5s"}, {1005ms, "1.005s"},
      {60s, "1m"}, {90s, "1m30s"}, {61500ms, "1m1.5s"}, {1h, "1h"}, {90min, "1h30m"}, {1h + 1ms, "1h0.001s"}};
  for (const auto& [duration, text] : cases) {
    EXPECT_EQ(format_duration(duration), text);
    EXPECT_EQ(parse_duration(text, DurationStyle::setting), duration) << text;
  }
}

TEST(QueryDuration, IsWholeNumbersUpToWeeks) {
  const std::pair<const char*, std::chrono::milliseconds> cases[] = {
      {"1ms", 1ms},   {"90s", 90s},  {"1m30s", 90s},           {"2h", 2h}, {"7d", 168h}, {"1w2d", 9 * 24h},
      {"0s1ms", 1ms}, {"0001s", 1s}, {"106751d", 106751 * 24h}};
  for (const auto& [text, expected] : cases) EXPECT_EQ(parse_duration(text, DurationStyle::query), expected) << text;
  for (const char* text : {"", "0", "0s", "5", "s", "1.5s", "1us", "1ns", "-1s", "+1s", "1 s", "1S", "1m30", "106752d",
                           "99999999999999999999s", "106751d106751d"}) {
    EXPECT_FALSE(parse_duration(text, DurationStyle::query)) << text;
  }
}

TEST(QueryDuration, IsShownInOneUnit) {
  const std::pair<std::chrono::milliseconds, const char*> cases[] = {
      {1500ms, "1500ms"}, {90s, "90s"}, {90min, "90m"}, {24h, "1d"}, {14 * 24h, "14d"}};
  for (const auto& [duration, text] : cases) EXPECT_EQ(format_in_one_unit(duration), text);
}

}  // namespace
}  // namespace prompted::base
