#include "http/parameter.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "http/openapi.hpp"

namespace prompted::http {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

enum class Order { ascending, descending };

struct Everything {
  std::string id;
  std::optional<std::string> topic;
  std::int64_t limit = 100;
  std::optional<bool> details;
  std::optional<base::Instant> start;
  std::optional<std::chrono::milliseconds> window;
  Order order = Order::ascending;
  std::vector<std::string> metrics;
  std::optional<base::Uuid> key;
};

void declare(Parameters& parameters, Everything& target) {
  parameters.path(target.id, {"id", "The GPU", "GPU-1"});
  parameters.query(target.topic, {"topic", "Of it"}, text_type(5));
  parameters.query(target.limit, {"limit", "Most", "10"}, integer_type(1, 1000));
  parameters.query(target.details, {"details", "More"}, boolean_type());
  parameters.query(target.start, {"start", "From"}, instant_type());
  parameters.query(target.window, {"window", "Before now"}, duration_type(24h * 7));
  parameters.query(target.order, {"order", "By time"},
                   word_type<Order>({{"asc", Order::ascending}, {"desc", Order::descending}}));
  parameters.query(target.metrics, {"metric", "Any of", "a"}, text_type(), 3);
  parameters.header(target.key, {"Idempotency-Key", "Once"}, uuid_type());
}

using Query = std::vector<std::pair<std::string, std::string>>;

Request request(Query query = {}, std::vector<Header> headers = {}) {
  Request made;
  made.query = std::move(query);
  made.headers = std::move(headers);
  made.params = {{"id", "GPU-1"}};
  return made;
}

Everything read(Query query = {}, std::vector<Header> headers = {}) {
  return parse<Everything>(request(std::move(query), std::move(headers)));
}

template <class F>
std::string error_of(const F& f) {
  try {
    f();
  } catch (const base::Error& error) {
    EXPECT_EQ(error.kind(), base::ErrorKind::invalid);
    return error.what();
  }
  return "no error";
}

std::string refused(const std::string& name, const std::string& value) {
  return error_of([&] { read({{name, value}}); });
}

TEST(Parameters, AbsentAndEmptyOnesLeaveTheDefaults) {
  for (const Query& query : {Query{}, Query{{"topic", ""},
                                            {"limit", ""},
                                            {"details", ""},
                                            {"start", ""},
                                            {"window", ""},
                                            {"order", ""},
                                            {"metric", ""}}}) {
    const Everything plain = read(query, {{"Idempotency-Key", ""}});
    EXPECT_EQ(plain.limit, 100);
    EXPECT_EQ(plain.order, Order::ascending);
    EXPECT_TRUE(plain.metrics.empty());
    EXPECT_FALSE(plain.topic || plain.details || plain.start || plain.window || plain.key);
  }
}

TEST(Parameters, TextCountsCharactersOfUtf8) {
  EXPECT_EQ(read({{"topic", "abcde"}}).topic, "abcde");
  EXPECT_EQ(read({{"topic", "ä€😀xy"}}).topic, "ä€😀xy");
  for (const std::string& bad : {std::string("abcdef"), std::string("ä€😀xyz"), std::string("a\0b", 3),
                                 std::string("\xff"), std::string("\xc3")}) {
    EXPECT_EQ(refused("topic", bad), "invalid topic: must be UTF-8 text of at most 5 characters without NUL") << bad;
  }
}

TEST(Parameters, IntegersHaveBoundsAndNothingAround) {
  EXPECT_EQ(read({{"limit", "1"}}).limit, 1);
  EXPECT_EQ(read({{"limit", "1000"}}).limit, 1000);
  for (const char* bad : {"0", "1001", "-1", "x", "10x", " 1", "1 ", "+1", "1.5", "1e2", "99999999999999999999"})
    EXPECT_EQ(refused("limit", bad), "invalid limit: must be an integer from 1 to 1000") << bad;
}

TEST(Parameters, Booleans) {
  for (const char* yes : {"true", "1"}) EXPECT_EQ(read({{"details", yes}}).details, true);
  for (const char* no : {"false", "0"}) EXPECT_EQ(read({{"details", no}}).details, false);
  for (const char* bad : {"yes", "TRUE", "2", " "})
    EXPECT_EQ(refused("details", bad), "invalid details: must be true or false");
}

TEST(Parameters, Instants) {
  const auto noon = *base::parse_rfc3339("2026-01-31T12:00:00Z");
  for (const char* good : {"2026-01-31T12:00:00Z", "2026-01-31t14:00:00+02:00", "2026-01-31T14:00:00 02:00"})
    EXPECT_EQ(read({{"start", good}}).start, noon) << good;
  for (const char* bad : {"yesterday", "2026-01-31", "2026-02-30T12:00:00Z", "1769860800"})
    EXPECT_EQ(refused("start", bad), "invalid start: must be an RFC 3339 date-time such as 2026-01-31T12:00:00Z")
        << bad;
}

TEST(Parameters, Durations) {
  const std::vector<std::pair<const char*, std::chrono::milliseconds>> good = {
      {"1ms", 1ms}, {"90s", 90s}, {"1m30s", 90s}, {"2h", 2h}, {"7d", 168h}, {"1w", 168h}, {"0s1ms", 1ms}};
  for (const auto& [text, value] : good) EXPECT_EQ(read({{"window", text}}).window, value) << text;
  for (const char* bad : {"0s", "5", "s", "-5s", "1.5s", "5 s", "5S", "8d", "7d1ms", "99999999999999999999d",
                          "9223372036854775807ms", "1m30"}) {
    EXPECT_EQ(refused("window", bad),
              "invalid window: must be a duration such as 500ms, 30s, 1m30s, 2h or 7d, at most 7d")
        << bad;
  }
  EXPECT_TRUE(duration_type(90min).accepts.ends_with("at most 90m"));
  EXPECT_TRUE(duration_type(1500ms).accepts.ends_with("at most 1500ms"));
}

TEST(Parameters, Words) {
  EXPECT_EQ(read({{"order", "desc"}}).order, Order::descending);
  for (const char* bad : {"DESC", "descending", "as"})
    EXPECT_EQ(refused("order", bad), "invalid order: must be one of asc, desc");
}

TEST(Parameters, RepeatedOnesKeepTheirOrderUpToTheirNumber) {
  EXPECT_EQ(read({{"metric", "b"}, {"limit", "5"}, {"metric", ""}, {"metric", "a"}, {"metric", "b"}}).metrics,
            (std::vector<std::string>{"b", "a", "b"}));
  EXPECT_EQ(error_of([] {
              read({{"metric", "a"}, {"metric", "b"}, {"metric", "c"}, {"metric", "d"}});
            }),
            "invalid metric: must be given at most 3 times");
}

TEST(Parameters, OneValueIsGivenOnce) {
  EXPECT_EQ(error_of([] { read({{"limit", "5"}, {"limit", "5"}}); }), "invalid limit: must be given once");
  EXPECT_EQ(read({{"limit", ""}, {"limit", "5"}}).limit, 5);
}

TEST(Parameters, AnUnknownOneIsNamed) {
  EXPECT_EQ(refused("limits", "5"), "unknown parameter: limits");
  EXPECT_EQ(refused("Limit", ""), "unknown parameter: Limit");
  EXPECT_EQ(refused("\xff", "5"), "unknown parameter: \uFFFD");
  // A path's or header's name is no query parameter.
  EXPECT_EQ(refused("id", "GPU-2"), "unknown parameter: id");
}

TEST(Parameters, PathSegments) {
  EXPECT_EQ(read().id, "GPU-1");
  for (const std::string& bad : {std::string(257, 'x'), std::string("\xff"), std::string("a\0", 2), std::string()}) {
    Request of_bad = request();
    of_bad.params = {{"id", bad}};
    EXPECT_EQ(error_of([&] { parse<Everything>(of_bad); }),
              "invalid id: must be UTF-8 text of at most 256 characters without NUL");
  }
}

TEST(Parameters, Headers) {
  const std::string uuid = "0198c5d2-7a00-7000-8000-000000000001";
  EXPECT_EQ(read({}, {{"idempotency-key", uuid}}).key, base::parse_uuid(uuid));
  EXPECT_EQ(error_of([] { read({}, {{"Idempotency-Key", "x"}}); }), "invalid Idempotency-Key: must be a UUID");
  EXPECT_EQ(error_of([&] {
              read({}, {{"Idempotency-Key", uuid}, {"idempotency-key", uuid}});
            }),
            "invalid Idempotency-Key: must be given once");
  const std::string latin1 = "\"caf\xe9\"";  // obs-text, RFC 9110 section 5.5: no UTF-8, and no fault
  EXPECT_EQ(field_value_type(6).read(latin1), latin1);
  EXPECT_EQ(field_value_type(5).read(latin1), std::nullopt);
}

TEST(Parameters, SchemasAreJsonAndSayWhatIsRead) {
  EXPECT_EQ(json::parse(text_type(5).schema),
            json::parse(R"({"type":"string","maxLength":5,"pattern":"^[^\\u0000]*$"})"));
  EXPECT_EQ(json::parse(segment_type(5).schema)["minLength"], 1);
  EXPECT_EQ(json::parse(integer_type(-5, 7).schema), json::parse(R"({"type":"integer","minimum":-5,"maximum":7})"));
  EXPECT_EQ(json::parse(boolean_type().schema)["type"], "boolean");
  EXPECT_EQ(json::parse(instant_type().schema)["format"], "date-time");
  EXPECT_EQ(json::parse(uuid_type().schema)["format"], "uuid");
  EXPECT_EQ(json::parse(duration_type(1h).schema)["type"], "string");
  EXPECT_EQ(json::parse(word_type<int>({{"asc", 1}, {"desc", 2}}).schema)["enum"], json::parse(R"(["asc","desc"])"));
}

// One more line in a declaration, and the parameter is parsed, validated and documented.
struct Extended : Everything {
  std::optional<std::int64_t> step;
};

void declare(Parameters& parameters, Extended& target) {
  declare(parameters, static_cast<Everything&>(target));
  parameters.query(target.step, {"step", "Seconds a bucket", "30"}, integer_type(1, 3600));
}

json documented(std::vector<ParameterDoc> parameters) {
  Route route;
  route.pattern = "/gpus/{id}";
  route.operation.id = "get";
  route.operation.parameters = std::move(parameters);
  return json::parse(openapi(Api(), {route}))["paths"]["/gpus/{id}"]["get"]["parameters"];
}

TEST(Parameters, OneMoreIsParsedRefusedAndDocumented) {
  EXPECT_EQ(refused("step", "30"), "unknown parameter: step");
  EXPECT_EQ(parse<Extended>(request({{"step", "30"}})).step, 30);
  EXPECT_EQ(error_of([] {
              parse<Extended>(request({{"step", "0"}}));
            }),
            "invalid step: must be an integer from 1 to 3600");

  const json before = documented(describe<Everything>());
  json after = documented(describe<Extended>());
  ASSERT_EQ(after.size(), before.size() + 1);
  EXPECT_EQ(after.back(), json::parse(R"({"name":"step","in":"query","description":"Seconds a bucket",
                                          "schema":{"type":"integer","minimum":1,"maximum":3600},"example":30})"));
  after.erase(after.size() - 1);
  EXPECT_EQ(after, before);
}

}  // namespace
}  // namespace prompted::http
