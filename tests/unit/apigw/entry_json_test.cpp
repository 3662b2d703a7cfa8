#include "apigw/entry_json.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace prompted::apigw {
namespace {

std::string timestamp(std::string_view text) {
  std::string out;
  append_timestamp(out, text);
  return out;
}

std::string value(std::string_view text) {
  std::string out;
  append_value(out, text);
  return out;
}

TEST(EntryJson, TimestampsHaveSixDigitsAndZ) {
  EXPECT_EQ(timestamp("2026-11-23 12:00:00+00"), "\"2026-11-23T12:00:00.000000Z\"");
  EXPECT_EQ(timestamp("2026-11-23 12:00:00.1+00"), "\"2026-11-23T12:00:00.100000Z\"");
  EXPECT_EQ(timestamp("2026-11-23 12:00:00.123456+00"), "\"2026-11-23T12:00:00.123456Z\"");
}

TEST(EntryJson, TimestampsWithoutRfc3339TextStayTexts) {
  EXPECT_EQ(timestamp("infinity"), "\"infinity\"");
  EXPECT_EQ(timestamp("12026-11-23 12:00:00+00"), "\"12026-11-23 12:00:00+00\"");
  EXPECT_EQ(timestamp("0044-03-15 12:00:00+00 BC"), "\"0044-03-15 12:00:00+00 BC\"");
}

TEST(EntryJson, ValuesAreNumbersOrNull) {
  EXPECT_EQ(value("42.5"), "42.5");
  EXPECT_EQ(value("1e-05"), "1e-05");
  EXPECT_EQ(value("-0"), "-0");
  EXPECT_EQ(value("NaN"), "null");
  EXPECT_EQ(value("Infinity"), "null");
  EXPECT_EQ(value("-Infinity"), "null");
}

TEST(EntryJson, AnEntryHasEveryMemberInOrder) {
  std::string out;
  append_entry(out, {"u", "GPU-1", "m", "2026-11-23 12:00:00+00", nullptr, "H \"100\"", nullptr, nullptr, nullptr,
                     nullptr, "7", "a\nb", "2026-11-23 12:00:01.5+00"});
  EXPECT_EQ(out,
            R"({"uuid":"u","gpu_id":"GPU-1","metric_name":"m","timestamp":"2026-11-23T12:00:00.000000Z","device":null,)"
            R"("model_name":"H \"100\"","hostname":null,"container":null,"pod":null,"namespace":null,"value":7,)"
            R"("labels_raw":"a\nb","ingested_at":"2026-11-23T12:00:01.500000Z"})");
  EXPECT_TRUE(nlohmann::json::accept(out));
}

}  // namespace
}  // namespace prompted::apigw
