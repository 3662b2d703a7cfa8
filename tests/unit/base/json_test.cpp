#include "base/json.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>

namespace prompted::base {
namespace {

std::string json_text(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

std::string number(double value) {
  std::string out;
  append_json_number(out, value);
  return out;
}

TEST(JsonText, EscapesWhatRfc8259Demands) {
  EXPECT_EQ(json_text(""), R"("")");
  EXPECT_EQ(json_text("plain"), R"("plain")");
  EXPECT_EQ(json_text("a\"b\\c/d"), R"("a\"b\\c/d")");
  EXPECT_EQ(json_text("\b\f\n\r\t"), R"("\b\f\n\r\t")");
  EXPECT_EQ(json_text(std::string_view("\0\x01\x1f\x7f", 4)), "\"\\u0000\\u0001\\u001f\x7f\"");
  EXPECT_EQ(json_text("Grüße €"), "\"Grüße €\"");
}

TEST(JsonText, EveryAsciiCharacterReadsBack) {
  for (int c = 0; c < 128; ++c) {
    const std::string text{'x', static_cast<char>(c), 'y'};
    EXPECT_EQ(nlohmann::json::parse(json_text(text)).get<std::string>(), text) << c;
  }
}

TEST(JsonNumber, ShortestTextThatReadsBack) {
  EXPECT_EQ(number(0), "0");
  EXPECT_EQ(number(42), "42");
  EXPECT_EQ(number(-1.5), "-1.5");
  EXPECT_EQ(number(0.1), "0.1");
  for (double value :
       {1e300, -2.2250738585072014e-308, 5e-324, 1.7976931348623157e308, 9223372036854775794.0, 1.0 / 3}) {
    EXPECT_EQ(nlohmann::json::parse(number(value)).get<double>(), value);
  }
}

TEST(JsonNumber, WhatJsonLacksIsNull) {
  EXPECT_EQ(number(std::numeric_limits<double>::quiet_NaN()), "null");
  EXPECT_EQ(number(std::numeric_limits<double>::infinity()), "null");
  EXPECT_EQ(number(-std::numeric_limits<double>::infinity()), "null");
}

TEST(JsonNumber, WholeNumbersAreDigits) {
  std::string out;
  append_json_number(out, std::numeric_limits<std::int64_t>::min());
  out += ' ';
  append_json_number(out, std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(out, "-9223372036854775808 18446744073709551615");
}

TEST(JsonObject, SeparatesAndNests) {
  std::string out = "before ";
  JsonObject object(out);
  object.text("text", "a\"b");
  object.text_or_null("absent", nullptr);
  object.number("whole", std::size_t{7});
  object.number("real", 0.5);
  object.raw("raw", R"([1, 2])");
  object.member("own") += "true";
  auto inner = object.object("inner");
  inner.uuid("uuid", Uuid{});
  inner.time("time", Instant{});
  inner.end();
  object.object("empty").end();
  auto list = object.array("list");
  list.raw("1");
  list.uuid(Uuid{});
  list.object().end();
  list.end();
  object.array("none").end();
  object.end();
  EXPECT_EQ(out,
            "before "
            R"({"text":"a\"b","absent":null,"whole":7,"real":0.5,"raw":[1, 2],"own":true,"inner":{)"
            R"("uuid":"00000000-0000-0000-0000-000000000000","time":"1970-01-01T00:00:00.000000Z"},"empty":{},)"
            R"("list":[1,"00000000-0000-0000-0000-000000000000",{}],"none":[]})");
}

TEST(JsonArray, GoesOnWhereAnotherEnded) {
  std::string out;
  JsonArray first(out, true);
  first.raw("1");
  first.raw("2");
  JsonArray second(out, false);
  second.raw("3");
  EXPECT_EQ(out, "1,2,3");
}

}  // namespace
}  // namespace prompted::base
