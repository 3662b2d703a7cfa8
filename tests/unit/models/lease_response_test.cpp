#include "models/lease_response.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/error.hpp"

namespace prompted::models {
namespace {

using nlohmann::json;

constexpr const char* first = "01890a5d-ac96-774b-bcce-b302099a8057";
constexpr const char* second = "01890a5d-ac96-774b-bcce-b302099a8058";

std::string message(const std::string& uuid, const std::string& payload) {
  return R"({"msg_uuid":")" + uuid + R"(","attempts":1,"partition_key":7,"payload":)" + payload + "}";
}

std::string response(const std::string& messages) {
  return R"({"lease_id":"r/1","lease_until":"2026-11-23T12:00:00Z","new_member":{},"messages":[)" + messages + "]}";
}

std::string row(const std::string& value) {
  return R"({"gpu_id":"GPU-1","metric_name":"m","timestamp":"2026-11-23T12:00:00Z",)"
         R"("labels_raw":"1e999 \" 1e999","value":)" +
         value + "}";
}

TEST(LeaseResponse, ReadsRowsAndPoison) {
  const LeaseResponse lease =
      parse_lease_response(response(message(first, row("1.5")) + "," + message(second, row("\"abc\""))));
  EXPECT_EQ(lease.lease_id, "r/1");
  ASSERT_EQ(lease.rows.size(), 1u);
  EXPECT_EQ(base::to_string(lease.rows[0].uuid), first);
  EXPECT_EQ(lease.rows[0].value, 1.5);
  ASSERT_EQ(lease.poison.size(), 1u);
  EXPECT_EQ(base::to_string(lease.poison[0].msg_uuid), second);
  EXPECT_EQ(lease.poison[0].verdict.reason, "value: must be a number or null");
  EXPECT_EQ(lease.messages(), 2u);
}

TEST(LeaseResponse, EmptyLeases) {
  EXPECT_EQ(parse_lease_response(response("")).messages(), 0u);
  EXPECT_EQ(parse_lease_response(R"({"lease_id":"","messages":null})").messages(), 0u);
  EXPECT_EQ(parse_lease_response("{}").messages(), 0u);
}

TEST(LeaseResponse, ANumberBeyondDoubleSpoilsItsMessageAlone) {
  const LeaseResponse lease =
      parse_lease_response(response(message(first, row("1e400")) + "," + message(second, row("2"))));
  ASSERT_EQ(lease.poison.size(), 1u);
  EXPECT_EQ(base::to_string(lease.poison[0].msg_uuid), first);
  EXPECT_EQ(lease.poison[0].verdict.reason, "value: is out of range");
  ASSERT_EQ(lease.rows.size(), 1u);
  EXPECT_EQ(lease.rows[0].labels_raw, "1e999 \" 1e999");
}

TEST(LeaseResponse, WholeNumbersOfAnyLengthAreValues) {
  const std::string long_one = "123456789012345678901234567890";
  const LeaseResponse lease = parse_lease_response(response(
      message(first, row(long_one)) + "," + message(second, row("-" + long_one)) + "," + message(second, row("7"))));
  ASSERT_EQ(lease.rows.size(), 3u);
  EXPECT_EQ(lease.rows[0].value, 123456789012345678901234567890.0);
  EXPECT_EQ(lease.rows[1].value, -123456789012345678901234567890.0);
  EXPECT_EQ(lease.rows[2].value, 7.0);
}

TEST(LeaseResponse, OfARepeatedMemberTheLastWins) {
  const LeaseResponse lease = parse_lease_response(response(message(
      first,
      R"({"gpu_id":"a","gpu_id":"b","metric_name":"m","timestamp":"2026-11-23T12:00:00Z","pod":"p","pod":null})")));
  ASSERT_EQ(lease.rows.size(), 1u);
  EXPECT_EQ(lease.rows[0].gpu_id, "b");
  EXPECT_FALSE(lease.rows[0].pod);
}

TEST(LeaseResponse, APayloadThatIsNoObjectIsPoison) {
  const LeaseResponse lease =
      parse_lease_response(response(message(first, "[1]") + R"(,{"msg_uuid":")" + second + "\"}"));
  ASSERT_EQ(lease.poison.size(), 2u);
  EXPECT_EQ(lease.poison[0].verdict.reason, "payload: must be an object");
  EXPECT_EQ(lease.poison[1].verdict.reason, "payload: is required");
}

TEST(LeaseResponse, AnswersThatAreNoneOfMqreaders) {
  for (const std::string& body :
       {std::string("<html>"), std::string(""), std::string("[]"), std::string(R"({"messages":5})"), response("7"),
        response("{}"), response(message("not-a-uuid", "{}")), R"({"messages":[)" + message(first, "{}") + "]}"}) {
    EXPECT_THROW(parse_lease_response(body), base::Error) << body;
  }
}

TEST(ConsumerBodies, AreJsonOfTheWireFormat) {
  EXPECT_EQ(
      json::parse(lease_body("telemetry", "host \"1\"", 100, 30, std::chrono::milliseconds(1000))),
      json::parse(R"({"topic":"telemetry","consumer_id":"host \"1\"","max":100,"lease_seconds":30,"wait_ms":1000})"));
  EXPECT_EQ(json::parse(ack_body("telemetry", "c", "l", {})),
            json::parse(R"({"topic":"telemetry","consumer_id":"c","lease_id":"l"})"));
  const std::vector<base::Uuid> uuids{*base::parse_uuid(first), *base::parse_uuid(second)};
  EXPECT_EQ(json::parse(ack_body("telemetry", "c", "l", uuids))["msg_uuids"], json({first, second}));
  const json nack = json::parse(nack_body("telemetry", "c", "l", uuids, {"value: must be a number or null"}));
  EXPECT_EQ(nack["reason"], "value: must be a number or null");
  EXPECT_EQ(nack["dead"], true);
  EXPECT_EQ(nack["msg_uuids"].size(), 2u);
  EXPECT_FALSE(nack.contains("in_history"));
  EXPECT_EQ(json::parse(nack_body("telemetry", "c", "l", {}, {"why", true, true}))["in_history"], true);
  EXPECT_FALSE(json::parse(nack_body("telemetry", "c", "l", {}, {"why", false})).contains("dead"));
  EXPECT_EQ(json::parse(extend_body("telemetry", "c", "l", 30))["lease_seconds"], 30);
}

}  // namespace
}  // namespace prompted::models
