#include "apigw/query.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"

namespace prompted::apigw {
namespace {

using std::chrono::milliseconds;

const base::Instant noon = *base::parse_rfc3339("2026-11-23T12:00:00Z");

http::Request request_of(std::vector<std::pair<std::string, std::string>> query) {
  http::Request request;
  request.params = {{"id", "GPU-1"}};
  request.query = std::move(query);
  return request;
}

Selection selected(std::vector<std::pair<std::string, std::string>> query, std::string_view accept = "") {
  return select(http::parse<GpuTelemetry>(request_of(std::move(query))), accept, noon);
}

std::string error_of(std::vector<std::pair<std::string, std::string>> query) {
  try {
    selected(std::move(query));
  } catch (const base::Error& error) {
    EXPECT_EQ(error.kind(), base::ErrorKind::invalid);
    return error.what();
  }
  return "accepted";
}

TEST(Query, EverythingIsOptional) {
  const Selection plain = selected({{"start_time", ""}, {"limit", ""}});
  EXPECT_EQ(plain.gpu_id, "GPU-1");
  EXPECT_FALSE(plain.start);
  EXPECT_FALSE(plain.end);
  EXPECT_FALSE(plain.limit);
  EXPECT_FALSE(plain.aggregation);
  EXPECT_EQ(plain.order, Order::ascending);
  EXPECT_EQ(plain.format, Format::json);
}

TEST(Query, BoundsAreLenient) {
  const Selection closed =
      selected({{"start_time", "2026-01-01 00:00:00z"}, {"end_time", "2026-01-01T01:00:00 01:00"}});
  EXPECT_EQ(closed.start, closed.end);
}

TEST(Query, AWindowEndsAtEndTimeOrNow) {
  const Selection until_now = selected({{"window", "15m"}});
  EXPECT_EQ(until_now.end, noon);
  EXPECT_EQ(*until_now.end - *until_now.start, std::chrono::minutes(15));
  const Selection before = selected({{"window", "1h30m"}, {"end_time", "2026-01-01T12:00:00Z"}});
  EXPECT_EQ(base::format_rfc3339(*before.start), "2026-01-01T10:30:00.000000Z");
  // Nothing is earlier than year 1.
  EXPECT_FALSE(selected({{"window", "3660d"}, {"end_time", "0001-01-02T00:00:00Z"}}).start);
}

TEST(Query, AggregationIsAverageUnlessSaid) {
  const Selection average = selected({{"step", "30s"}});
  EXPECT_EQ(average.aggregation->step, milliseconds(30000));
  EXPECT_EQ(average.aggregation->function, "avg");
  EXPECT_EQ(selected({{"step", "500ms"}, {"agg", "last"}}).aggregation->function, "last");
}

TEST(Query, FormatWinsOverAccept) {
  EXPECT_EQ(selected({}, "text/csv").format, Format::csv);
  EXPECT_EQ(selected({}, "application/x-ndjson, application/json;q=0.5").format, Format::ndjson);
  EXPECT_EQ(selected({{"format", "json"}}, "text/csv").format, Format::json);
  EXPECT_EQ(selected({}, "text/html,*/*;q=0.1").format, Format::json);
}

TEST(Query, AMetricNamedTwiceIsOne) {
  EXPECT_EQ(selected({{"metric_name", "b"}, {"metric_name", "a"}, {"metric_name", "b"}}).metric_names,
            (std::vector<std::string>{"a", "b"}));
}

TEST(Query, ErrorsNameTheParameter) {
  EXPECT_TRUE(error_of({{"start_time", "x"}}).starts_with("invalid start_time: "));
  EXPECT_TRUE(error_of({{"end_time", "2026-13-01T00:00:00Z"}}).starts_with("invalid end_time: "));
  EXPECT_EQ(error_of({{"start_time", "2026-01-01T00:00:00.000001Z"}, {"end_time", "2026-01-01T00:00:00Z"}}),
            "start_time must be before or equal to end_time");
  EXPECT_EQ(error_of({{"start_time", "2026-01-01T00:00:00Z"}, {"window", "1h"}}),
            "window cannot be combined with start_time");
  EXPECT_EQ(error_of({{"agg", "max"}}), "agg needs step");
  EXPECT_EQ(error_of({{"step", "30s"}, {"agg", "median"}}),
            "invalid agg: must be one of avg, min, max, last, sum, count");
  EXPECT_EQ(error_of({{"limit", "0"}}), "invalid limit: must be an integer from 1 to 10000");
  EXPECT_EQ(error_of({{"order", "up"}}), "invalid order: must be one of asc, desc");
  EXPECT_EQ(error_of({{"format", "xml"}}), "invalid format: must be one of json, ndjson, csv");
  EXPECT_TRUE(error_of({{"window", "-5m"}}).starts_with("invalid window: "));
  EXPECT_TRUE(error_of({{"step", "0s"}}).starts_with("invalid step: "));
  EXPECT_TRUE(error_of({{"metric_name", std::string("a\0b", 3)}}).starts_with("invalid metric_name: "));
  EXPECT_EQ(error_of({{"metricname", "a"}}), "unknown parameter: metricname");
  EXPECT_TRUE(error_of({{"cursor", "nonsense"}}).starts_with("invalid cursor: "));
}

TEST(Cursor, CarriesPlaceAndBounds) {
  Selection asked = selected({{"window", "15m"}, {"limit", "10"}});
  Place place;
  place.at = noon - std::chrono::seconds(5);
  place.id = 4711;
  const std::string cursor = to_cursor(asked, place);
  const Selection next =
      select(http::parse<GpuTelemetry>(request_of({{"window", "15m"}, {"limit", "3"}, {"cursor", cursor}})), "",
             noon + std::chrono::hours(1));
  EXPECT_EQ(next.start, asked.start);  // the window of the first page, though an hour has passed
  EXPECT_EQ(next.end, asked.end);
  EXPECT_EQ(next.after->at, place.at);
  EXPECT_EQ(next.after->id, 4711);
}

TEST(Cursor, BelongsToItsQuery) {
  const std::string cursor = to_cursor(selected({{"limit", "10"}}), Place());
  EXPECT_EQ(error_of({{"cursor", cursor}}), "accepted");
  for (const auto& [name, value] :
       std::vector<std::pair<std::string, std::string>>{{"order", "desc"}, {"metric_name", "m"}, {"step", "1s"}}) {
    EXPECT_TRUE(error_of({{"cursor", cursor}, {name, value}}).starts_with("invalid cursor: ")) << name;
  }
}

TEST(Cursor, OfBucketsCarriesTheirKey) {
  const Selection asked = selected({{"step", "1s"}, {"limit", "10"}});
  Place place;
  place.at = base::Instant(std::chrono::microseconds(-1'000'000));
  place.gpu_id = "GPU-ä\"";
  place.metric_name = "m";
  const Selection next = selected({{"step", "1s"}, {"cursor", to_cursor(asked, place)}});
  EXPECT_EQ(next.after->at, place.at);
  EXPECT_EQ(next.after->gpu_id, place.gpu_id);
  EXPECT_EQ(next.after->metric_name, "m");
}

TEST(Cursor, DamageIsRefused) {
  const std::string cursor = to_cursor(selected({{"limit", "10"}}), Place());
  for (const std::string& damaged : {cursor + "0.", cursor.substr(1), cursor + ".", std::string("...."), "1" + cursor,
                                     cursor.substr(0, cursor.rfind('.')) + ".zz"}) {
    EXPECT_TRUE(error_of({{"cursor", damaged}}).starts_with("invalid cursor: ")) << damaged;
  }
}

}  // namespace
}  // namespace prompted::apigw
