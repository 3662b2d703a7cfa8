#include "apigw/format.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "apigw/sources.hpp"

namespace prompted::apigw {
namespace {

EntryTexts row() {
  EntryTexts texts{};
  texts[static_cast<std::size_t>(Column::uuid)] = "3f8b82b7-90bf-535e-8960-97943c72b6b3";
  texts[static_cast<std::size_t>(Column::gpu_id)] = "GPU-1";
  texts[static_cast<std::size_t>(Column::metric_name)] = "a,b";
  texts[static_cast<std::size_t>(Column::timestamp)] = "2026-11-23 12:00:00.5+00";
  texts[static_cast<std::size_t>(Column::model_name)] = " H \"100\"";
  texts[static_cast<std::size_t>(Column::hostname)] = "trailing ";
  texts[static_cast<std::size_t>(Column::value)] = "NaN";
  texts[static_cast<std::size_t>(Column::labels_raw)] = "x\ny";
  texts[static_cast<std::size_t>(Column::ingested_at)] = "2026-11-23 12:00:01+00";
  return texts;
}

TEST(Format, CsvQuotesWhatWouldEndOrChangeAField) {
  EntryWriter writer(Format::csv, true);
  writer.add(row());
  EXPECT_EQ(writer.text(),
            "2026-11-23T12:00:00.500000Z,\"a,b\",GPU-1,,3f8b82b7-90bf-535e-8960-97943c72b6b3,\" H \"\"100\"\"\","
            "\"trailing \",,,,,\"x\ny\"\r\n");
}

TEST(Format, NdjsonIsAnEntryALine) {
  EntryWriter writer(Format::ndjson, true);
  writer.add(row());
  writer.add(row());
  const auto line = writer.text().find('\n');
  EXPECT_EQ(writer.text().substr(0, line), writer.text().substr(line + 1, line));
  EXPECT_EQ(nlohmann::json::parse(writer.text().substr(0, line))["labels_raw"], "x\ny");
  EXPECT_EQ(writer.text().size(), 2 * (line + 1));
}

TEST(Format, ALaterPageBeginsWithAComma) {
  EntryWriter writer(Format::json, false);
  writer.add(row());
  EXPECT_EQ(writer.text().front(), ',');
}

TEST(Format, JsonEnvelopes) {
  Selection selection;
  selection.gpu_id = "GPU-1";
  EXPECT_EQ(response_begin(selection) + response_end(selection, std::nullopt), R"({"gpu_id":"GPU-1","entries":[]})");
  selection.limit = 10;
  EXPECT_EQ(response_begin(selection) + response_end(selection, std::nullopt),
            R"({"gpu_id":"GPU-1","entries":[],"next_cursor":null})");
  selection.aggregation.emplace();
  selection.aggregation->step = std::chrono::milliseconds(1500);
  selection.aggregation->function = "max";
  const auto reduced = nlohmann::json::parse(response_begin(selection) + response_end(selection, Place()));
  EXPECT_EQ(reduced["step_seconds"], 1.5);
  EXPECT_EQ(reduced["agg"], "max");
  EXPECT_TRUE(reduced["next_cursor"].is_string());
}

TEST(Format, BucketsInEachFormat) {
  BucketTexts texts;
  texts.timestamp = "2026-11-23 12:00:00+00";
  texts.gpu_id = "GPU-1";
  texts.metric_name = "m";
  EntryWriter json(Format::json, true);
  json.add(texts);
  EXPECT_EQ(json.text(),
            R"({"gpu_id":"GPU-1","metric_name":"m","timestamp":"2026-11-23T12:00:00.000000Z","value":null})");
  texts.value = "1.5";
  EntryWriter csv(Format::csv, true);
  csv.add(texts);
  EXPECT_EQ(csv.text(), "2026-11-23T12:00:00.000000Z,m,GPU-1,1.5\r\n");
}

TEST(Link, NamesTheSameRequestWithTheNewCursor) {
  http::Request request;
  request.route = "/api/v1/gpus/{id}/telemetry";
  request.params = {{"id", "a/b ä"}};
  request.query = {{"limit", "2"}, {"cursor", "old"}, {"start_time", "2026-01-01T00:00:00+02:00"}, {"step", ""}};
  EXPECT_EQ(next_link(request, "1.2"),
            "</api/v1/gpus/a%2Fb%20%C3%A4/telemetry?limit=2&start_time=2026-01-01T00%3A00%3A00%2B02%3A00&cursor=1.2>; "
            "rel=\"next\"");
}

}  // namespace
}  // namespace prompted::apigw
