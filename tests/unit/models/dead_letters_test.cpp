#include "models/dead_letters.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/error.hpp"

namespace prompted::models {
namespace {

constexpr auto uuid = "01890a5d-ac96-774b-bcce-b302099a8057";

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

DeadLetterPlace place(const std::string& topic) {
  DeadLetterPlace made;
  made.died_at = *base::parse_rfc3339("2026-11-23T12:00:00.000001Z");
  made.msg_uuid = *base::parse_uuid(uuid);
  made.topic = topic;
  return made;
}

TEST(DeadLetterCursor, GoesThereAndBackWithAnyTopic) {
  for (const std::string topic : {"telemetry", "t", "a topic/with \"anything\" & ümlaut"}) {
    const std::string cursor = to_cursor(place(topic));
    EXPECT_EQ(cursor.find_first_not_of("0123456789abcdef"), std::string::npos) << cursor;
    const auto back = parse_cursor(cursor);
    ASSERT_TRUE(back) << cursor;
    EXPECT_EQ(back->died_at, place(topic).died_at);
    EXPECT_EQ(back->msg_uuid, place(topic).msg_uuid);
    EXPECT_EQ(back->topic, topic);
  }
}

TEST(DeadLetterCursor, NothingElseIsOne) {
  const std::string good = to_cursor(place("t"));
  for (const std::string& bad :
       {std::string(), std::string("x"), std::string("00"), good + "0", good + "zz", good + "00", good.substr(2),
        good.substr(0, good.size() - 2), std::string(200, '0'), "\xff" + good})
    EXPECT_FALSE(parse_cursor(bad)) << bad;
}

TEST(DeadLetterSelection, TheNamedOrAll) {
  const auto named =
      parse_selection(R"({"msg_uuids":["01890A5D-ac96-774b-bcce-b302099a8057"],"topic":"t","all":false})");
  ASSERT_TRUE(named.msg_uuids);
  EXPECT_EQ(named.msg_uuids->at(0), *base::parse_uuid(uuid));
  EXPECT_EQ(named.topic, "t");
  const auto all = parse_selection(R"({"all":true,"msg_uuids":null,"topic":null})");
  EXPECT_FALSE(all.msg_uuids);
  EXPECT_FALSE(all.topic);
  EXPECT_TRUE(parse_selection(R"({"msg_uuids":[]})").msg_uuids->empty());
}

TEST(DeadLetterSelection, SaysWhatIsWrong) {
  const auto error = [](std::string_view body) { return error_of([&] { parse_selection(body); }); };
  for (const char* body :
       {"{}", R"({"all":false})", R"({"all":null})", R"({"all":true,"msg_uuids":[]})", R"({"msg_uuid":["x"]})"})
    EXPECT_EQ(error(body), "either msg_uuids or all is required") << body;
  EXPECT_EQ(error(R"({"all":true,"topic":""})"), "topic must not be empty");
  EXPECT_EQ(error(R"({"all":true,"topic":5})"), "topic must be a string");
  EXPECT_EQ(error(R"({"all":"true"})"), "all must be a boolean");
  EXPECT_EQ(error(R"({"msg_uuids":["x"]})"), "msg_uuids[0]: must be a UUID");
  EXPECT_EQ(error(R"({"msg_uuids":"x"})"), "msg_uuids must be an array");
  EXPECT_EQ(error(R"({"all":true,"topic":")" + std::string(256, 'x') + "\"}"),
            "topic must not be longer than 255 characters");
  EXPECT_TRUE(error("").starts_with("invalid JSON: "));
  EXPECT_TRUE(error("[]").starts_with("invalid JSON: "));
}

TEST(DeadLettersResponse, IsJson) {
  EXPECT_EQ(DeadLettersResponse().finish(std::nullopt), R"({"dead_letters":[],"next_cursor":null})");
  DeadLettersResponse response;
  DeadLetterTexts letter;
  letter.topic = "t\"";
  letter.msg_uuid = uuid;
  letter.partition_key = "17";
  letter.attempts = "5";
  letter.reason = "value: \"x\"\n";
  letter.created_at = letter.died_at = "2026-11-23T12:00:00.000000Z";
  letter.payload = R"({"value": "x"})";
  response.add(letter);
  response.add(letter);
  const auto body = nlohmann::json::parse(std::move(response).finish(place("t")));
  EXPECT_EQ(body["next_cursor"], to_cursor(place("t")));
  ASSERT_EQ(body["dead_letters"].size(), 2u);
  EXPECT_EQ(
      body["dead_letters"][1],
      nlohmann::json::parse(R"({"topic":"t\"","msg_uuid":"01890a5d-ac96-774b-bcce-b302099a8057","partition_key":17,
    "attempts":5,"reason":"value: \"x\"\n","created_at":"2026-11-23T12:00:00.000000Z",
    "died_at":"2026-11-23T12:00:00.000000Z",
    "payload":{"value":"x"}})"));
}

TEST(DeadLetterResponses, Texts) {
  EXPECT_EQ(redrive_response(7), R"({"redriven":7})");
  EXPECT_EQ(purge_response(0), R"({"purged":0})");
}

}  // namespace
}  // namespace prompted::models
