#include "models/queue.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"

namespace prompted::models {
namespace {

using namespace std::chrono_literals;

template <class Parse>
std::string error_of(const Parse& parse, std::string_view body) {
  try {
    parse(body);
  } catch (const base::Error& error) {
    EXPECT_EQ(error.kind(), base::ErrorKind::invalid);
    return error.what();
  }
  return "no error";
}

/// A complete body with `members` at its end, where they win over those before.
std::string lease_body(const std::string& members = "") {
  return R"({"topic":"t","consumer_id":"c","max":100,"lease_seconds":30)" + members + "}";
}
std::string ack_body(const std::string& members = "") {
  return R"({"topic":"t","consumer_id":"c","lease_id":"l")" + members + "}";
}

struct Bad {
  const char* members;
  const char* error;
};

TEST(LeaseRequest, AsTheEarlierClientSendsIt) {
  const LeaseRequest request = parse_lease(R"({"topic":"telemetry","consumer_id":"c1","max":100,"lease_seconds":30})");
  EXPECT_EQ(request.topic, "telemetry");
  EXPECT_EQ(request.consumer_id, "c1");
  EXPECT_EQ(request.max, 100);
  EXPECT_EQ(request.lease, 30s);
  EXPECT_EQ(request.wait, 0ms);
}

TEST(LeaseRequest, OptionalFractionalAndCapped) {
  EXPECT_EQ(parse_lease(lease_body(R"(,"wait_ms":30000,"unknown":{"x":[1]})")).wait, 30s);
  EXPECT_EQ(parse_lease(lease_body(R"(,"wait_ms":null)")).wait, 0ms);
  EXPECT_EQ(parse_lease(lease_body(R"(,"lease_seconds":0.25)")).lease, 250ms);
  EXPECT_EQ(parse_lease(lease_body(R"(,"lease_seconds":0.00001)")).lease, 1ms);
  EXPECT_EQ(parse_lease(lease_body(R"(,"lease_seconds":1e300)")).lease, 1h);
  EXPECT_EQ(parse_lease(lease_body(R"(,"max":5.0)")).max, 5);
  EXPECT_EQ(parse_lease(lease_body(R"(,"max":18446744073709551615)")).max, 10000);
  EXPECT_EQ(parse_lease(lease_body(R"(,"max":1e300)")).max, 10000);
}

TEST(LeaseRequest, SaysWhatIsWrong) {
  const Bad cases[] = {
      {R"(,"topic":"")", "topic is required"},
      {R"(,"topic":null)", "topic is required"},
      {R"(,"topic":5)", "topic must be a string"},
      {R"(,"topic":"a\u0000b")", "topic must not contain a NUL character"},
      {R"(,"consumer_id":"")", "consumer_id is required"},
      {R"(,"consumer_id":{})", "consumer_id must be a string"},
      {R"(,"max":0)", "max must be > 0"},
      {R"(,"max":-1)", "max must be > 0"},
      {R"(,"max":null)", "max must be > 0"},
      {R"(,"max":"5")", "max must be a number"},
      {R"(,"max":2.5)", "max must be an integer"},
      {R"(,"lease_seconds":0)", "lease_seconds must be > 0"},
      {R"(,"lease_seconds":-0.5)", "lease_seconds must be > 0"},
      {R"(,"lease_seconds":true)", "lease_seconds must be a number"},
      {R"(,"wait_ms":-1)", "wait_ms must be between 0 and 30000"},
      {R"(,"wait_ms":30001)", "wait_ms must be between 0 and 30000"},
      {R"(,"wait_ms":"1")", "wait_ms must be a number"},
  };
  for (const Bad& c : cases) EXPECT_EQ(error_of(parse_lease, lease_body(c.members)), c.error) << c.members;
  EXPECT_EQ(error_of(parse_lease, "{}"), "topic is required");
  EXPECT_EQ(error_of(parse_lease, R"({"topic":"t"})"), "consumer_id is required");
  EXPECT_EQ(error_of(parse_lease, R"({"topic":"t","consumer_id":"c"})"), "max must be > 0");
  EXPECT_EQ(error_of(parse_lease, R"({"topic":"t","consumer_id":"c","max":1})"), "lease_seconds must be > 0");
}

TEST(QueueRequests, BrokenJson) {
  for (const std::string& body :
       {std::string(), std::string("{"), std::string("[]"), std::string("null"), std::string("\"x\""),
        lease_body() + "x", lease_body() + std::string("\0x", 2), std::string("{\"topic\":\"\xff\"}"),
        lease_body(R"(,"max":1e999)"), std::string(100'000, '[')}) {
    const std::string error = error_of(parse_lease, body);
    EXPECT_EQ(error.rfind("invalid JSON: ", 0), 0u) << body.substr(0, 50) << "\n" << error;
    EXPECT_EQ(error.find('\xff'), std::string::npos);
    EXPECT_EQ(error_of(parse_ack, body).rfind("invalid JSON: ", 0), 0u);
  }
  EXPECT_EQ(error_of(parse_ack, "[1]"), "invalid JSON: the body must be an object");
}

TEST(AckRequest, WholeLeaseOrSomeMessages) {
  const AckRequest whole = parse_ack(ack_body());
  EXPECT_EQ(whole.topic, "t");
  EXPECT_EQ(whole.consumer_id, "c");
  EXPECT_EQ(whole.lease_id, "l");
  EXPECT_FALSE(whole.msg_uuids.has_value());
  EXPECT_FALSE(parse_ack(ack_body(R"(,"msg_uuids":null)")).msg_uuids.has_value());

  const AckRequest none = parse_ack(ack_body(R"(,"msg_uuids":[])"));  // not the whole lease
  ASSERT_TRUE(none.msg_uuids.has_value());
  EXPECT_TRUE(none.msg_uuids->empty());

  const AckRequest one = parse_ack(ack_body(R"(,"msg_uuids":["00112233-4455-6677-8899-AABBCCDDEEFF"])"));
  ASSERT_EQ(one.msg_uuids->size(), 1u);
  EXPECT_EQ(base::to_string(one.msg_uuids->front()), "00112233-4455-6677-8899-aabbccddeeff");
}

TEST(AckRequest, SaysWhatIsWrong) {
  const Bad cases[] = {
      {R"(,"topic":"")", "topic is required"},
      {R"(,"consumer_id":"")", "consumer_id is required"},
      {R"(,"lease_id":"")", "lease_id is required"},
      {R"(,"lease_id":7)", "lease_id must be a string"},
      {R"(,"msg_uuids":"x")", "msg_uuids must be an array"},
      {R"(,"msg_uuids":["00112233-4455-6677-8899-aabbccddeeff","x"])", "msg_uuids[1]: must be a UUID"},
      {R"(,"msg_uuids":[null])", "msg_uuids[0]: must be a UUID"},
  };
  for (const Bad& c : cases) EXPECT_EQ(error_of(parse_ack, ack_body(c.members)), c.error) << c.members;
  EXPECT_EQ(error_of(parse_ack, R"({"topic":"t","consumer_id":"c"})"), "lease_id is required");
}

TEST(NackRequest, AddsReasonDelayAndDead) {
  const NackRequest plain = parse_nack(ack_body());
  EXPECT_EQ(plain.reason, "");
  EXPECT_EQ(plain.delay, 0ms);
  EXPECT_FALSE(plain.dead);
  const NackRequest full = parse_nack(ack_body(R"(,"reason":"value: not a number","delay_ms":1500,"dead":true)"));
  EXPECT_EQ(full.target.lease_id, "l");
  EXPECT_EQ(full.reason, "value: not a number");
  EXPECT_EQ(full.delay, 1500ms);
  EXPECT_TRUE(full.dead);
  const Bad cases[] = {
      {R"(,"reason":5)", "reason must be a string"},
      {R"(,"delay_ms":-1)", "delay_ms must be between 0 and 3600000"},
      {R"(,"delay_ms":3600001)", "delay_ms must be between 0 and 3600000"},
      {R"(,"dead":"true")", "dead must be a boolean"},
      {R"(,"lease_id":null)", "lease_id is required"},
  };
  for (const Bad& c : cases) EXPECT_EQ(error_of(parse_nack, ack_body(c.members)), c.error) << c.members;
}

TEST(ExtendRequest, AddsTheNewDuration) {
  const ExtendRequest request = parse_extend(ack_body(R"(,"lease_seconds":60)"));
  EXPECT_EQ(request.target.lease_id, "l");
  EXPECT_EQ(request.lease, 60s);
  EXPECT_EQ(error_of(parse_extend, ack_body()), "lease_seconds must be > 0");
}

std::string uuids(std::size_t count) {
  std::string list;
  for (std::size_t i = 0; i < count; ++i) list += R"("00112233-4455-6677-8899-aabbccddeeff",)";
  if (count > 0) list.pop_back();
  return '[' + list + ']';
}

std::string repeated(const std::string& text, std::size_t count) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i) all += text;
  return all;
}

TEST(QueueRequests, LongNamesAreRefusedByCharacters) {
  for (const std::string letter : {"x", "ä", "😀"}) {
    const std::string fits = repeated(letter, 255);
    const std::string longer = repeated(letter, 256);
    for (const std::string name : {"topic", "consumer_id", "lease_id"}) {
      EXPECT_EQ(error_of(parse_ack, ack_body(",\"" + name + "\":\"" + fits + "\"")), "no error");
      for (const auto& text : {longer, repeated(letter, 300'000)}) {
        EXPECT_EQ(error_of(parse_ack, ack_body(",\"" + name + "\":\"" + text + "\"")),
                  name + " must not be longer than 255 characters");
        EXPECT_EQ(error_of(parse_nack, ack_body(",\"" + name + "\":\"" + text + "\"")),
                  name + " must not be longer than 255 characters");
        EXPECT_EQ(error_of(parse_extend, ack_body(",\"lease_seconds\":1,\"" + name + "\":\"" + text + "\"")),
                  name + " must not be longer than 255 characters");
        if (name == "lease_id") continue;
        EXPECT_EQ(error_of(parse_lease, lease_body(",\"" + name + "\":\"" + text + "\"")),
                  name + " must not be longer than 255 characters");
      }
    }
  }
}

TEST(QueueRequests, NoMoreUuidsThanALeaseHasMessages) {
  EXPECT_EQ(parse_ack(ack_body(",\"msg_uuids\":" + uuids(10'000))).msg_uuids->size(), 10'000u);
  EXPECT_EQ(error_of(parse_ack, ack_body(",\"msg_uuids\":" + uuids(10'001))),
            "msg_uuids must not hold more than 10000 UUIDs");
  EXPECT_EQ(error_of(parse_nack, ack_body(",\"msg_uuids\":[" + repeated("0,", 10'000) + "0]")),
            "msg_uuids must not hold more than 10000 UUIDs");
}

TEST(QueueRequests, TheLastOfARepeatedMemberCounts) {
  const AckRequest list = parse_ack(ack_body(",\"msg_uuids\":[\"x\"],\"msg_uuids\":" + uuids(2)));
  EXPECT_EQ(list.msg_uuids->size(), 2u);
  EXPECT_FALSE(parse_ack(ack_body(R"(,"msg_uuids":["x"],"msg_uuids":null)")).msg_uuids);
  EXPECT_EQ(parse_ack(ack_body(R"(,"lease_id":[1],"lease_id":"m")")).lease_id, "m");
  EXPECT_EQ(parse_lease(lease_body(R"(,"max":"5","max":7)")).max, 7);
}

TEST(QueueRequests, MembersInsideOthersDoNotCount) {
  const NackRequest request = parse_nack(
      ack_body(R"(,"x":{"topic":"other","msg_uuids":["y"],"dead":true},"y":[{"reason":"z"},["dead",true]])"));
  EXPECT_EQ(request.target.topic, "t");
  EXPECT_FALSE(request.target.msg_uuids);
  EXPECT_EQ(request.reason, "");
  EXPECT_FALSE(request.dead);
  EXPECT_EQ(error_of(parse_ack, ack_body(R"(,"msg_uuids":[["00112233-4455-6677-8899-aabbccddeeff"]])")),
            "msg_uuids[0]: must be a UUID");
  EXPECT_EQ(error_of(parse_ack, ack_body(R"(,"msg_uuids":{"topic":"x"})")), "msg_uuids must be an array");
}

TEST(QueueRequests, ABodyOfMillionsOfValuesIsReadInItsOwnSize) {
  EXPECT_EQ(parse_ack(ack_body(",\"x\":" + std::string(500'000, '[') + std::string(500'000, ']'))).topic, "t");
  EXPECT_EQ(parse_ack(ack_body(",\"x\":[" + repeated("0,", 500'000) + "0]")).topic, "t");
}

TEST(NackRequest, ALongReasonIsCutBetweenCharacters) {
  EXPECT_EQ(parse_nack(ack_body(",\"reason\":\"" + std::string(500, 'x') + "\"")).reason, std::string(500, 'x'));
  EXPECT_EQ(parse_nack(ack_body(",\"reason\":\"" + std::string(900'000, 'x') + "\"")).reason, std::string(500, 'x'));
  EXPECT_EQ(parse_nack(ack_body(",\"reason\":\"x" + repeated("ä", 400) + "\"")).reason, "x" + repeated("ä", 249));
  EXPECT_EQ(parse_nack(ack_body(",\"reason\":\"xyz" + repeated("😀", 400) + "\"")).reason, "xyz" + repeated("😀", 124));
  EXPECT_EQ(error_of(parse_nack, ack_body(",\"reason\":\"" + std::string(900'000, 'x') + "\\u0000\"")),
            "reason must not contain a NUL character");
}

TEST(QueueResponses, Texts) {
  EXPECT_EQ(ack_response(7), R"({"acked":7})");
  EXPECT_EQ(nack_response(2, 1), R"({"requeued":2,"dead":1})");
  EXPECT_EQ(extend_response(base::Instant{}), R"({"lease_until":"1970-01-01T00:00:00.000000Z"})");
}

}  // namespace
}  // namespace prompted::models
