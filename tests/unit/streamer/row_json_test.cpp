#include "streamer/row_json.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/error.hpp"

namespace prompted::streamer {
namespace {

std::vector<CsvField> fields(const std::vector<std::string>& values) {
  std::vector<CsvField> out;
  for (const std::string& value : values) {
    CsvField field;
    field.value = value;
    out.push_back(field);
  }
  return out;
}

std::string header_error(const std::vector<std::string>& names) {
  try {
    read_header(fields(names));
    return "";
  } catch (const base::Error& error) {
    return error.what();
  }
}

// The member `value` of a row with this text in its column, "bad" when the row is rejected.
std::string value_of(const std::string& text) {
  const Columns columns = read_header(fields({"metric_name", "gpu_id", "value"}));
  try {
    const std::string tail = row_json_tail(columns, fields({"m", "GPU-1", text}));
    const auto at = tail.find("\"value\":") + 8;
    return tail.substr(at, tail.size() - at - 1);
  } catch (const base::Error&) {
    return "bad";
  }
}

TEST(Columns, AnyOrderAndCaseAndUnderscores) {
  const Columns columns =
      read_header(fields({"VALUE", "modelName", "Hostname", "Metric_Name", "GPU_ID", "uuid", "Timestamp", "extra"}));
  std::vector<std::string> keys;
  for (const Column& column : columns.all) keys.push_back(column.key);
  EXPECT_EQ(keys, (std::vector<std::string>{"value", "model_name", "hostname", "metric_name", "gpu_id", "uuid",
                                            "timestamp", "extra"}));
  EXPECT_EQ(columns.value, 0u);
  EXPECT_EQ(columns.timestamp, 6u);
}

TEST(Columns, SaysWhichColumnIsWrong) {
  EXPECT_EQ(header_error({"gpu_id", "value"}), "column metric_name is missing");
  EXPECT_EQ(header_error({"gpu_id", "metric_name"}), "column value is missing");
  EXPECT_EQ(header_error({"metric_name", "value"}), "columns gpu_id and uuid are both missing");
  EXPECT_EQ(header_error({"metric_name", "value", "uuid", "modelName", "model_name"}),
            "column model_name appears twice");
  EXPECT_EQ(header_error({"metric_name", "value", "uuid", "x", "x"}), "column x appears twice");
  EXPECT_EQ(header_error({"metric_name", "value", "uuid", "", ""}), "");
}

TEST(RowJson, ValueIsANumberOrNull) {
  EXPECT_EQ(value_of("42"), "42");
  EXPECT_EQ(value_of("-0.25"), "-0.25");
  EXPECT_EQ(value_of("1e5"), "1e5");
  EXPECT_EQ(value_of(" 7 "), "7");
  EXPECT_EQ(value_of("9223372036854775794"), "9223372036854775794");
  EXPECT_EQ(value_of("140737488355328.000000"), "140737488355328.000000");
  EXPECT_EQ(value_of("+5"), "5");
  EXPECT_EQ(value_of("007"), "7");
  EXPECT_EQ(value_of(""), "null");
  EXPECT_EQ(value_of("NaN"), "null");
  EXPECT_EQ(value_of("nan"), "null");
}

TEST(RowJson, AValueThatIsNoNumberMakesABadRow) {
  for (const std::string text : {"abc", "1,5", "12x", "0x10", "inf", "-Infinity", "1e999", "+-1", "--1", "1 2", "+"}) {
    EXPECT_EQ(value_of(text), "bad") << text;
  }
}

TEST(RowJson, EverythingElseIsAString) {
  const Columns columns =
      read_header(fields({"timestamp", "metric_name", "gpu_id", "uuid", "value", "labels_raw", "my col", ""}));
  const std::string tail = row_json_tail(
      columns, fields({"old", "DCGM", "0", "GPU-5fd4", "3", "a=\"b\"\n\\ \x01 \xC3\xA4", "9", "unnamed"}));
  const auto json = nlohmann::json::parse(row_json("2026-11-23T12:00:00.000000Z", tail));
  const nlohmann::json expected = {{"timestamp", "2026-11-23T12:00:00.000000Z"},
                                   {"metric_name", "DCGM"},
                                   {"gpu_id", "0"},
                                   {"uuid", "GPU-5fd4"},
                                   {"value", 3},
                                   {"labels_raw", "a=\"b\"\n\\ \x01 \xC3\xA4"},
                                   {"my col", "9"}};
  EXPECT_EQ(json, expected);
}

TEST(RowJson, RefusesRowsThatMqwriterWouldRefuse) {
  const Columns columns = read_header(fields({"metric_name", "gpu_id", "uuid", "value"}));
  EXPECT_THROW(row_json_tail(columns, fields({"m", "", "not-a-gpu", "1"})), base::Error);
  EXPECT_THROW(row_json_tail(columns, fields({"m", "0", "GPU-1"})), base::Error);
  EXPECT_THROW(row_json_tail(columns, fields({"m", "0", "GPU-1", "1", "more"})), base::Error);
  EXPECT_NO_THROW(row_json_tail(columns, fields({"m", "", "GPU-1", "1"})));
}

}  // namespace
}  // namespace prompted::streamer
