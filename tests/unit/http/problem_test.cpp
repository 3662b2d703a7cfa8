#include "http/problem.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "http/head.hpp"

namespace prompted::http {
namespace {

TEST(Problem, has_rfc_9457_members_and_error) {
  const Response response = problem(400, "topic is required");
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(response.content_type, "application/problem+json");
  EXPECT_EQ(response.body, R"({"type":"about:blank","title":"Bad Request","status":400,"detail":"topic is required",)"
                           R"("error":"topic is required"})");
}

TEST(Problem, is_json_whatever_the_detail_holds) {
  const std::string detail = "a\"b\n\xff\xc3\xa4\xed\xa0\x80\xf0\x9f\x98\x80";
  const auto parsed = nlohmann::json::parse(problem(400, detail).body);
  EXPECT_EQ(parsed["error"], "a\"b\n\xEF\xBF\xBD\xc3\xa4\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xf0\x9f\x98\x80");
}

int status_of(base::ErrorKind kind) { return problem(std::make_exception_ptr(base::Error(kind, "x"))).status; }

TEST(Problem, error_kinds_have_one_status_each) {
  EXPECT_EQ(status_of(base::ErrorKind::invalid), 400);
  EXPECT_EQ(status_of(base::ErrorKind::not_found), 404);
  EXPECT_EQ(status_of(base::ErrorKind::conflict), 409);
  EXPECT_EQ(status_of(base::ErrorKind::too_large), 413);
  EXPECT_EQ(status_of(base::ErrorKind::overloaded), 503);
  EXPECT_EQ(status_of(base::ErrorKind::unavailable), 503);
  EXPECT_EQ(status_of(base::ErrorKind::expired), 503);
}

TEST(Problem, busy_tells_when_to_come_back) {
  const base::Error busy(base::ErrorKind::overloaded, "full", std::chrono::seconds{7});
  EXPECT_EQ(find_header(problem(std::make_exception_ptr(busy)).headers, "retry-after"), "7");
  EXPECT_EQ(find_header(problem(std::make_exception_ptr(base::invalid("x"))).headers, "retry-after"), "");
}

TEST(Problem, other_exceptions_tell_nothing) {
  const Response response = problem(std::make_exception_ptr(std::runtime_error("password=secret")));
  EXPECT_EQ(response.status, 500);
  EXPECT_EQ(response.body.find("secret"), std::string::npos);
  EXPECT_NE(response.body.find("internal error"), std::string::npos);
  EXPECT_EQ(problem(std::make_exception_ptr(42)).status, 500);
}

TEST(Problem, header_lines_cannot_be_broken_out_of) {
  Response response(200, "text/plain", "");
  EXPECT_TRUE(head_is_safe(response));
  for (const std::string& value : {std::string("a\r\nb"), std::string("a\nb"), std::string("a\0b", 3)}) {
    response.headers.assign(1, Header{"X", value});
    EXPECT_FALSE(head_is_safe(response));
  }
  response.headers.assign(1, Header{"X: y\r\nZ", "v"});
  EXPECT_FALSE(head_is_safe(response));
  response.headers.clear();
  response.content_type = "text/plain\r\nX: y";
  EXPECT_FALSE(head_is_safe(response));
}

}  // namespace
}  // namespace prompted::http
