#include "models/telemetry_row.hpp"

#include <gtest/gtest.h>

#include <simdjson.h>

#include <nlohmann/json.hpp>

#include "base/error.hpp"

namespace prompted::models {
namespace {

using nlohmann::json;

const base::Uuid uuid = *base::parse_uuid("01890a5d-ac96-774b-bcce-b302099a8057");

json minimal() {
  return {{"gpu_id", "GPU-0a1b2c3d"},
          {"metric_name", "DCGM_FI_DEV_GPU_UTIL"},
          {"timestamp", "2026-11-23T12:00:00.123456Z"}};
}

TelemetryRow parse(const json& payload) {
  simdjson::dom::parser parser;
  return parse_telemetry_row(uuid, parser.parse(payload.dump()));
}

TelemetryRow parse_with(const std::string& field, const json& value) {
  json payload = minimal();
  payload[field] = value;
  return parse(payload);
}

std::string error_with(const std::string& field, const json& value) {
  try {
    parse_with(field, value);
  } catch (const base::Error& error) {
    EXPECT_EQ(error.kind(), base::ErrorKind::invalid);
    return error.what();
  }
  return "accepted";
}

TEST(TelemetryRow, ReadsEveryColumn) {
  json payload = minimal();
  payload.update({{"device", "nvidia0"},
                  {"model_name", "H100"},
                  {"hostname", "node-1"},
                  {"container", "c"},
                  {"pod", "p"},
                  {"namespace", "n"},
                  {"value", 42.5},
                  {"labels_raw", R"(a="b")"},
                  {"uuid", "row-1"},
                  {"extra", {1, 2}}});
  const TelemetryRow row = parse(payload);
  EXPECT_EQ(row.uuid, uuid);
  EXPECT_EQ(row.gpu_id, "GPU-0a1b2c3d");
  EXPECT_EQ(row.metric_name, "DCGM_FI_DEV_GPU_UTIL");
  EXPECT_EQ(base::format_rfc3339(row.timestamp), "2026-11-23T12:00:00.123456Z");
  EXPECT_EQ(row.device, "nvidia0");
  EXPECT_EQ(row.model_name, "H100");
  EXPECT_EQ(row.hostname, "node-1");
  EXPECT_EQ(row.container, "c");
  EXPECT_EQ(row.pod, "p");
  EXPECT_EQ(row.name_space, "n");
  EXPECT_EQ(row.value, 42.5);
  EXPECT_EQ(row.labels_raw, R"(a="b")");
}

TEST(TelemetryRow, AbsentNullAndEmptyAreNull) {
  EXPECT_FALSE(parse(minimal()).device);
  EXPECT_FALSE(parse_with("device", nullptr).device);
  EXPECT_FALSE(parse_with("device", "").device);
  EXPECT_FALSE(parse_with("labels_raw", "").labels_raw);
  EXPECT_FALSE(parse_with("value", nullptr).value);
  EXPECT_FALSE(parse_with("value", "").value);
}

TEST(TelemetryRow, DcgmRowsAreOfTheirUuid) {
  json payload = minimal();
  payload["gpu_id"] = "0";
  payload["uuid"] = "GPU-5fd4f087-86f3-7a43-b711-4771313afc50";
  EXPECT_EQ(parse(payload).gpu_id, "GPU-5fd4f087-86f3-7a43-b711-4771313afc50");
  payload["gpu_id"] = 0;
  EXPECT_EQ(parse(payload).gpu_id, "GPU-5fd4f087-86f3-7a43-b711-4771313afc50");
}

TEST(TelemetryRow, BothSpellingsOfDcgmHeaders) {
  EXPECT_EQ(parse_with("modelName", "H100").model_name, "H100");
  EXPECT_EQ(parse_with("Hostname", "node-1").hostname, "node-1");
}

TEST(TelemetryRow, NumericStringsAreValues) {
  EXPECT_EQ(parse_with("value", "17").value, 17);
  EXPECT_EQ(parse_with("value", "-1.5e3").value, -1500);
  EXPECT_EQ(parse_with("value", "1e-400").value, 0);
}

TEST(TelemetryRow, BlanksOfDcgmAreNull) {
  for (const char* blank : {"9223372036854775792", "9223372036854775793", "9223372036854775794", "9223372036854775795",
                            "2147483632", "2147483633", "2147483634", "2147483635", "140737488355328.0",
                            "140737488355329", "140737488355330", "140737488355331", "NaN"}) {
    EXPECT_FALSE(parse_with("value", blank).value) << blank;
    if (std::string(blank) != "NaN") {
      EXPECT_FALSE(parse_with("value", json::parse(blank)).value) << blank;
    }
  }
  EXPECT_EQ(parse_with("value", 2147483631).value, 2147483631.0);
  EXPECT_EQ(parse_with("value", 2147483636).value, 2147483636.0);
  EXPECT_EQ(parse_with("value", 140737488355327).value, 140737488355327.0);
}

TEST(TelemetryRow, ErrorsNameTheField) {
  EXPECT_EQ(error_with("value", "abc"), "value: must be a number or null");
  EXPECT_EQ(error_with("value", "1x"), "value: must be a number or null");
  EXPECT_EQ(error_with("value", true), "value: must be a number or null");
  EXPECT_EQ(error_with("value", json::object()), "value: must be a number or null");
  EXPECT_EQ(error_with("value", "1e400"), "value: is out of range");
  EXPECT_EQ(error_with("timestamp", nullptr), "timestamp: is required");
  EXPECT_EQ(error_with("timestamp", ""), "timestamp: is required");
  EXPECT_EQ(error_with("timestamp", 5), "timestamp: must be a string or null");
  EXPECT_EQ(error_with("timestamp", "yesterday"), "timestamp: must be an RFC 3339 date-time");
  EXPECT_EQ(error_with("metric_name", ""), "metric_name: is required");
  EXPECT_EQ(error_with("gpu_id", ""), "gpu_id: is required");
  EXPECT_EQ(error_with("gpu_id", 7), "gpu_id: is required");
  EXPECT_EQ(error_with("pod", 7), "pod: must be a string or null");
  EXPECT_EQ(error_with("pod", std::string("a\0b", 3)), "pod: must not contain a NUL character");
  EXPECT_THROW(parse(json::array()), base::Error);
}

TEST(TelemetryRow, LabelsThatAreNoTextKeepTheirJson) {
  EXPECT_EQ(parse_with("labels_raw", {{"a", "b"}}).labels_raw, R"({"a":"b"})");
  EXPECT_EQ(parse_with("labels_raw", 5).labels_raw, "5");
}

}  // namespace
}  // namespace prompted::models
