#include "models/publish.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/error.hpp"

namespace prompted::models {
namespace {

std::string error_of(std::string_view body) {
  try {
    scan_publish(body);
  } catch (const base::Error& error) {
    EXPECT_EQ(error.kind(), base::ErrorKind::invalid);
    return error.what();
  }
  return "no error";
}

std::string with_message(const std::string& message) { return R"({"topic":"t","messages":[)" + message + "]}"; }

TEST(PublishScan, GivesTopicGpuAndExactText) {
  const std::string body =
      R"({"topic":"telemetry","messages":[{"gpu_id":"0","uuid":"GPU-1","value":1.50},{"gpu_id":"GPU-2"}]})";
  const PublishRequest request = scan_publish(body);
  EXPECT_EQ(request.topic, "telemetry");
  ASSERT_EQ(request.messages.size(), 2u);
  EXPECT_EQ(request.messages[0].text, R"({"gpu_id":"0","uuid":"GPU-1","value":1.50})");
  EXPECT_EQ(request.messages[0].gpu, "GPU-1");
  EXPECT_EQ(request.messages[1].text, R"({"gpu_id":"GPU-2"})");
  EXPECT_EQ(request.messages[1].gpu, "GPU-2");
  EXPECT_GE(request.messages[0].text.data(), body.data());  // inside the body, nothing is copied
  EXPECT_LT(request.messages[1].text.data(), body.data() + body.size());
}

TEST(PublishScan, MessageTextsAreExactWhateverIsAroundAndInThem) {
  for (const std::string message : {
           R"({"gpu_id":"a"})",
           "{ \t\r\n\"gpu_id\" \n:\t\"a\" }",
           R"({"gpu_id":"a","v":-2.5e3})",
           R"({"gpu_id":"a","v":12345})",
           R"({"gpu_id":"a","v":true,"w":null,"x":false})",
           R"({"gpu_id":"a","s":"}]{[\"\\"})",
           R"({"gpu_id":"a","s":"\u00e9\ud83d\ude00é😀"})",
           R"({"gpu_id":"a","n":{"messages":[{"gpu_id":"b","uuid":"GPU-b"}],"topic":"x"},"l":[[{}],[],1]})",
           R"({"messages":[1,2],"topic":3,"gpu_id":"a"})",
           R"({"n":{"gpu_id":1,"uuid":"GPU-x"},"gpu_id":"a"})",
           R"({"":0,"gpu_id":"a","gpu_id ":"b","GPU_ID":"c"})",
           R"({"gpu\u005fid":"\u0061"})",
           R"({"gpu_id":"x","gpu_id":"a"})",
           R"({"gpu_id":5,"gpu_id":"a"})",
           R"({"uuid":"GPU-x","uuid":null,"gpu_id":"a"})",
       }) {
    SCOPED_TRACE(message);
    for (const std::string gap : {"", " ", "\n\t\r "}) {
      const std::string body = gap + "{" + gap + R"("messages")" + gap + ":" + gap + "[" + gap + message + gap + "," +
                               gap + message + gap + "]" + gap + "," + gap + R"("topic")" + gap + ":" + gap + R"("t")" +
                               gap + "}" + gap;
      const PublishRequest request = scan_publish(body);
      ASSERT_EQ(request.messages.size(), 2u);
      for (const PublishMessage& scanned : request.messages) {
        EXPECT_EQ(scanned.text, message);
        EXPECT_EQ(scanned.gpu, "a");
      }
    }
  }
}

TEST(PublishScan, OtherTopLevelMembersDoNotConfuse) {
  const auto request =
      scan_publish(R"({"x":{"messages":[{"no":1}],"topic":"no"},"y":[[{"gpu_id":"no"}]],"messages":[{"gpu_id":"a"}],)"
                   R"("z":[{"gpu_id":"no"}],"topic":"t"})");
  EXPECT_EQ(request.topic, "t");
  ASSERT_EQ(request.messages.size(), 1u);
  EXPECT_EQ(request.messages[0].gpu, "a");
}

TEST(PublishScan, OfARepeatedKeyTheLastWins) {
  const auto request = scan_publish(
      R"({"topic":1,"messages":[1,2],"messages":[{"gpu_id":"a"}],"messages":[{"gpu_id":"b"}],"topic":"t"})");
  EXPECT_EQ(request.topic, "t");
  ASSERT_EQ(request.messages.size(), 1u);
  EXPECT_EQ(request.messages[0].gpu, "b");
  EXPECT_EQ(error_of(R"({"topic":"t","messages":[{"gpu_id":"a"}],"messages":[]})"), "messages must not be empty");
  EXPECT_EQ(error_of(R"({"topic":"t","messages":[{"gpu_id":"a"}],"messages":null})"), "messages must not be empty");
  EXPECT_EQ(error_of(R"({"topic":"t","messages":[{"gpu_id":"a"}],"messages":{}})"), "messages must be an array");
  EXPECT_EQ(error_of(R"({"topic":"t","topic":null,"messages":[{"gpu_id":"a"}]})"), "topic is required");
}

TEST(PublishScan, AByteOrderMarkIsSkipped) {
  const std::string body = "\xEF\xBB\xBF" + with_message(R"({"gpu_id":"a"})");
  const auto request = scan_publish(body);
  EXPECT_EQ(request.messages.at(0).text, R"({"gpu_id":"a"})");
}

struct Bad {
  std::string body;
  const char* error;
};

TEST(PublishScan, SaysWhatIsWrong) {
  const Bad cases[] = {
      {R"({})", "topic is required"},
      {R"({"topic":"","messages":[{"gpu_id":"a"}]})", "topic is required"},
      {R"({"topic":null,"messages":[{"gpu_id":"a"}]})", "topic is required"},
      {R"({"topic":5,"messages":[{"gpu_id":"a"}]})", "topic must be a string"},
      {R"({"topic":["t"],"messages":[{"gpu_id":"a"}]})", "topic must be a string"},
      {R"({"topic":"a\u0000b","messages":[{"gpu_id":"a"}]})", "topic must not contain a NUL character"},
      {R"({"topic":"t"})", "messages must not be empty"},
      {R"({"topic":"t","messages":[]})", "messages must not be empty"},
      {R"({"topic":"t","messages":null})", "messages must not be empty"},
      {R"({"topic":"t","messages":"x"})", "messages must be an array"},
      {R"({"topic":"t","messages":{"gpu_id":"a"}})", "messages must be an array"},
      {R"({"topic":"t","messages":1})", "messages must be an array"},
      {with_message("1"), "messages[0]: must be an object"},
      {with_message(R"("x")"), "messages[0]: must be an object"},
      {with_message("null"), "messages[0]: must be an object"},
      {with_message(R"([{"gpu_id":"a"}])"), "messages[0]: must be an object"},
      {with_message(R"({"gpu_id":"a"},true,{"gpu_id":"a"})"), "messages[1]: must be an object"},
      {with_message("{}"), "messages[0]: gpu_id is required"},
      {with_message(R"({"gpu_id":"a"},{"gpu_id":"a"},{"gpu_id":"a"},{"gpu_id":""})"),
       "messages[3]: gpu_id is required"},
      {with_message(R"({"gpu_id":null,"uuid":"row-1"})"), "messages[0]: gpu_id is required"},
      {with_message(R"({"n":{"gpu_id":"a"}})"), "messages[0]: gpu_id is required"},
      {with_message(R"({"gpu_id":"a"},{"x":1})"),
       "messages[1]: gpu_id is required"},  // nothing is left of the one before
      {with_message(R"({"gpu_id":5})"), "messages[0]: gpu_id must be a string"},
      {with_message(R"({"gpu_id":{"gpu_id":"a"}})"), "messages[0]: gpu_id must be a string"},
      {with_message(R"({"gpu_id":"a","gpu_id":[]})"), "messages[0]: gpu_id must be a string"},
      {with_message(R"({"gpu_id":"a","v":"x\u0000y"})"), "messages[0]: must not contain a NUL character"},
      {with_message(R"({"gpu_id":"a","\u0000":1})"), "messages[0]: must not contain a NUL character"},
      {with_message(R"({"gpu_id":"a"},{"gpu_id":"a","n":[{"k":["\u0000"]}]})"),
       "messages[1]: must not contain a NUL character"},
      {with_message(std::string("{\"gpu_id\":\"a\0b\"}", 16)), "messages[0]: must not contain a NUL character"},
      {with_message(std::string("{\"gpu_id\":\"a\"\0}", 15)), "messages[0]: must not contain a NUL character"},
      {with_message(R"({"gpu_id":"a","v":1e400000})"), "messages[0]: holds a number beyond double precision"},
      {with_message(R"(5,{"v":1e400000})"), "messages[0]: must be an object"},  // the first in message order
      {with_message(R"({},5)"), "messages[0]: gpu_id is required"},
  };
  for (const Bad& c : cases) EXPECT_EQ(error_of(c.body), c.error) << c.body;
}

TEST(PublishScan, ANumericGpuIdIsFineWhereUuidNamesTheGpu) {
  EXPECT_EQ(scan_publish(with_message(R"({"gpu_id":0,"uuid":"GPU-1"})")).messages.at(0).gpu, "GPU-1");
}

TEST(PublishScan, BrokenJsonIsInvalidWhateverElseIsWrong) {
  const std::string good = R"({"gpu_id":"a"})";
  for (const std::string& body : {std::string(),
                                  std::string(" "),
                                  std::string("{"),
                                  std::string("nope"),
                                  std::string("[]"),
                                  std::string("5"),
                                  std::string("\"x\""),
                                  std::string("null"),
                                  with_message(good) + "x",
                                  with_message(good) + "{}",
                                  with_message(good) + std::string("\0", 1),
                                  with_message(good) + std::string("\0junk", 5),
                                  with_message(good + ","),
                                  with_message("{}," + good + ",tru"),
                                  with_message("5,{"),
                                  with_message("{'gpu_id':'a'}"),
                                  with_message(R"({"gpu_id":"\ud800"})"),
                                  with_message("{\"gpu_id\":\"\xff\"}"),
                                  with_message("{\"gpu_id\":\"\xc0\x80\"}"),
                                  with_message("{\"gpu_id\":\"a\nb\"}"),
                                  with_message(R"({"gpu_id":"a","v":01})"),
                                  with_message(R"({"gpu_id":"a","v":NaN})"),
                                  with_message(R"({"gpu_id":"a",})"),
                                  with_message(R"({"gpu_id":"a"}/* c */)"),
                                  with_message(good).substr(0, 30)}) {
    EXPECT_EQ(error_of(body).rfind("invalid JSON: ", 0), 0u) << body << "\n" << error_of(body);
  }
}

TEST(PublishScan, EveryTruncatedBodyIsInvalidJson) {
  const std::string body = with_message(R"({"gpu_id":"a","v":[1,{"x":"\u00e9"}],"w":1.5e3},{"gpu_id":"b"})");
  for (std::size_t size = 0; size < body.size(); ++size) {
    EXPECT_EQ(error_of(std::string_view(body).substr(0, size)).rfind("invalid JSON: ", 0), 0u) << size;
  }
}

TEST(PublishScan, TheJsonErrorIsReadableShortAndWithoutTheCallersBytes) {
  EXPECT_EQ(error_of(with_message(R"({"gpu_id":tru})")),
            "invalid JSON: parse error at line 1, column 39: syntax error while parsing value - invalid literal");
  const std::string hostile = error_of(with_message("{\"gpu_id\":\"" + std::string(100'000, 'x') + "\xff\"}"));
  EXPECT_LT(hostile.size(), 320u);
  EXPECT_EQ(hostile.find('\xff'), std::string::npos);
}

TEST(PublishScan, DepthIsLimited) {
  const auto nested = [](int levels) {  // inside object, array and message: 3 levels
    const auto count = static_cast<std::size_t>(levels - 3);
    return with_message(R"({"gpu_id":"a","n":)" + std::string(count, '[') + std::string(count, ']') + "}");
  };
  EXPECT_EQ(scan_publish(nested(max_json_depth)).messages.size(), 1u);
  EXPECT_EQ(error_of(nested(max_json_depth + 1)), "invalid JSON: nested deeper than 64 levels");
  EXPECT_EQ(error_of(std::string(1'000'000, '[')), "invalid JSON: the body must be an object");
  std::string objects;
  for (int i = 0; i < 100'000; ++i) objects += R"({"a":)";
  EXPECT_EQ(error_of(objects), "invalid JSON: nested deeper than 64 levels");
}

TEST(PublishScan, SizeOfAMessageIsLimited) {
  const std::string frame = R"({"gpu_id":"a","x":""})";
  const auto sized = [&](std::size_t size) {
    return with_message(R"({"gpu_id":"a","x":")" + std::string(size - frame.size(), 'x') + R"("})");
  };
  EXPECT_EQ(scan_publish(sized(max_message_bytes)).messages.at(0).text.size(), max_message_bytes);
  EXPECT_EQ(error_of(sized(max_message_bytes + 1)), "messages[0]: is larger than 256 KiB");
}

TEST(Publish, AtMostSoManyMessages) {
  const auto body_of = [](std::size_t messages) {
    std::string body = R"({"topic":"t","messages":[{"gpu_id":"a"})";
    for (std::size_t i = 1; i < messages; ++i) body += R"(,{"gpu_id":"a"})";
    return body + "]}";
  };
  const std::string most = body_of(max_publish_messages);
  EXPECT_EQ(scan_publish(most).messages.size(), max_publish_messages);
  const std::string more = body_of(max_publish_messages + 1);
  try {
    scan_publish(more);
    FAIL() << "was taken";
  } catch (const base::Error& error) {
    EXPECT_EQ(error.kind(), base::ErrorKind::too_large);
    EXPECT_STREQ(error.what(), "messages must not hold more than 10000 messages");
  }
}

TEST(PublishScan, ANumberIsAsLargeAsJsonbWritesIt) {
  EXPECT_EQ(scan_publish(with_message(R"({"gpu_id":"a","value":1e300,"x":[1e-300,12E+3]})")).messages.size(), 1u);
  std::string numbers;
  for (int i = 0; i < 20; ++i) numbers += (i == 0 ? "" : ",") + std::string("1e-16383");  // 16,385 digits each
  EXPECT_EQ(error_of(with_message(R"({"gpu_id":"a","x":[)" + numbers + "]}")), "messages[0]: is larger than 256 KiB");
  EXPECT_EQ(error_of(with_message(R"({"gpu_id":"a","x":1e-99999999999999999999})")), "no error");
}

TEST(PublishScan, ATopicsLengthIsLimited) {
  const auto body = [](const std::string& topic) {
    return R"({"topic":")" + topic + R"(","messages":[{"gpu_id":"a"}]})";
  };
  const auto times = [](int count, const std::string& text) {
    std::string all;
    for (int i = 0; i < count; ++i) all += text;
    return all;
  };
  EXPECT_EQ(scan_publish(body(times(255, "ü"))).messages.size(), 1u);
  EXPECT_EQ(error_of(body(times(256, "ü"))), "topic must not be longer than 255 characters");
}

TEST(PublishScan, ManyMessages) {
  std::string messages;
  for (int i = 0; i < 5000; ++i) messages += (i == 0 ? "" : ",") + (R"({"gpu_id":"GPU-)" + std::to_string(i) + R"("})");
  const std::string body = with_message(messages);
  const auto request = scan_publish(body);
  ASSERT_EQ(request.messages.size(), 5000u);
  EXPECT_EQ(request.messages[4999].gpu, "GPU-4999");
  EXPECT_EQ(request.messages[4999].text, R"({"gpu_id":"GPU-4999"})");
}

TEST(PublishReply, IsTwoNumbers) { EXPECT_EQ(publish_response(3, 1), R"({"accepted":3,"duplicates":1})"); }

TEST(PublishBody, IsWhatTheScanTakes) {
  EXPECT_EQ(publish_body("t", {}), R"({"topic":"t","messages":[]})");
  const std::vector<std::string> rows{R"({"gpu_id":"a"})", R"({"gpu_id":"b","v":1})"};
  const std::string body = publish_body("a \"topic\"", rows);
  const auto request = scan_publish(body);
  EXPECT_EQ(request.topic, "a \"topic\"");
  ASSERT_EQ(request.messages.size(), 2u);
  EXPECT_EQ(request.messages[0].text, rows[0]);
  EXPECT_EQ(request.messages[1].text, rows[1]);
}

}  // namespace
}  // namespace prompted::models
