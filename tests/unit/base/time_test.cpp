#include "base/time.hpp"

#include <gtest/gtest.h>

namespace prompted::base {
namespace {

struct Taken {
  const char* text;
  const char* utc;
};

TEST(Rfc3339, TakesWhatClientsSend) {
  const Taken cases[] = {
      {"2026-11-23T12:00:00Z", "2026-11-23T12:00:00.000000Z"},
      {"2026-11-23t12:00:00z", "2026-11-23T12:00:00.000000Z"},
      {"2026-11-23 12:00:00Z", "2026-11-23T12:00:00.000000Z"},
      {"2026-11-23T12:00:00+05:30", "2026-11-23T06:30:00.000000Z"},
      {"2026-11-23T12:00:00 05:30", "2026-11-23T06:30:00.000000Z"},  // '+' decoded by a query string
      {"2026-11-23T12:00:00-08:00", "2026-11-23T20:00:00.000000Z"},
      {"2026-11-23T23:30:00-01:00", "2026-11-24T00:30:00.000000Z"},
      {"2026-11-23T12:00:00+00:00", "2026-11-23T12:00:00.000000Z"},
      {"2026-11-23T12:00:00-00:00", "2026-11-23T12:00:00.000000Z"},
      {"2026-11-23T12:00:00.5Z", "2026-11-23T12:00:00.500000Z"},
      {"2026-11-23T12:00:00.000001Z", "2026-11-23T12:00:00.000001Z"},
      {"2026-11-23T12:00:00.1234569Z", "2026-11-23T12:00:00.123456Z"},  // truncated, never rounded
      {"2026-11-23T12:00:00.999999999999999999999Z", "2026-11-23T12:00:00.999999Z"},
      {"1969-12-31T23:59:59.9999999Z", "1969-12-31T23:59:59.999999Z"},
      {"2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000000Z"},
      {"2000-02-29T00:00:00Z", "2000-02-29T00:00:00.000000Z"},
      {"2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000000Z"},
      {"2016-12-31T23:59:60.25Z", "2017-01-01T00:00:00.250000Z"},
      {"0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000000Z"},
      {"9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z"},
      {"0000-12-31T23:30:00-01:00", "0001-01-01T00:30:00.000000Z"},
  };
  for (const Taken& c : cases) {
    SCOPED_TRACE(c.text);
    const auto instant = parse_rfc3339(c.text);
    ASSERT_TRUE(instant.has_value());
    EXPECT_EQ(format_rfc3339(*instant), c.utc);
  }
}

TEST(Rfc3339, RefusesTheRest) {
  for (const char* text : {"",
                           "now",
                           "2026-11-23",
                           "2026-11-23T12:00Z",
                           "2026-11-23T12:00:00",
                           "2026-11-23T12:00:00.Z",
                           "2026-11-23T12:00:00,5Z",
                           "2026-11-23T12:00:00+0530",
                           "2026-11-23T12:00:00+05",
                           "2026-11-23T12:00:00+24:00",
                           "2026-11-23T12:00:00+05:60",
                           "2026-11-23T12:00:00ZZ",
                           " 2026-11-23T12:00:00Z",
                           "2026-11-23T12:00:00Z ",
                           "2026-11-23T12:00:00 Z",
                           "2026-13-01T00:00:00Z",
                           "2026-00-01T00:00:00Z",
                           "2026-04-31T00:00:00Z",
                           "2026-01-00T00:00:00Z",
                           "2025-02-29T00:00:00Z",
                           "1900-02-29T00:00:00Z",
                           "2026-11-23T24:00:00Z",
                           "2026-11-23T12:60:00Z",
                           "2026-11-23T12:00:61Z",
                           "2026-1-23T12:00:00Z",
                           "26-11-23T12:00:00Z",
                           "+026-11-23T12:00:00Z",
                           "12026-11-23T12:00:00Z",
                           "2026-11-23_12:00:00Z",
                           "2026/11/23T12:00:00Z",
                           "0001-01-01T00:00:00+00:01",
                           "9999-12-31T23:59:59-00:01",
                           "9999-12-31T23:59:60Z",
                           "2026-11-23T12:00:00\u2212"
                           "08:00"}) {
    EXPECT_FALSE(parse_rfc3339(text).has_value()) << text;
  }
  EXPECT_FALSE(parse_rfc3339(std::string_view("2026-11-23T12:00:00Z\0", 21)).has_value());
}

TEST(Rfc3339, EveryPrefixOfAGoodTextIsRefused) {
  const std::string text = "2026-11-23T12:00:00.123456+05:30";
  for (std::size_t size = 0; size < text.size(); ++size) {
    EXPECT_FALSE(parse_rfc3339(std::string_view(text).substr(0, size)).has_value()) << size;
  }
}

TEST(Rfc3339, FormatAndParseAgreeOverAllYears) {
  using std::chrono::microseconds;
  const Instant first = *parse_rfc3339("0001-01-01T00:00:00Z");
  const Instant last = *parse_rfc3339("9999-12-31T23:59:59.999999Z");
  constexpr microseconds step{86'399'987'654'321 / 100 * 37};  // some ten days, at ever other times of day
  for (Instant at = first; at < last; at += step) ASSERT_EQ(parse_rfc3339(format_rfc3339(at)), at);
}

TEST(Rfc3339, NowIsNow) {
  const auto difference = std::chrono::system_clock::now() - now_utc();
  EXPECT_GE(difference, std::chrono::nanoseconds{0});
  EXPECT_LT(difference, std::chrono::minutes{1});
}

}  // namespace
}  // namespace prompted::base
