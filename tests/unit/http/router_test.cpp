#include "http/router.hpp"

#include <gtest/gtest.h>

namespace prompted::http {
namespace {

Router table(const std::vector<std::pair<Method, std::string>>& routes) {
  Router router;
  for (const auto& [method, pattern] : routes) {
    Route route;
    route.method = method;
    route.pattern = pattern;
    router.add(std::move(route));
  }
  return router;
}

std::string pattern(const Router::Match& match) { return match.route ? match.route->pattern : ""; }

TEST(Router, finds_fixed_paths) {
  const Router router =
      table({{Method::get, "/"}, {Method::get, "/healthz"}, {Method::get, "/swagger"}, {Method::get, "/swagger/"}});
  EXPECT_EQ(pattern(router.match(Method::get, "/")), "/");
  EXPECT_EQ(pattern(router.match(Method::get, "/healthz")), "/healthz");
  EXPECT_EQ(pattern(router.match(Method::get, "/swagger")), "/swagger");
  EXPECT_EQ(pattern(router.match(Method::get, "/swagger/")), "/swagger/");
  EXPECT_EQ(pattern(router.match(Method::get, "/health%7A")), "/healthz");
}

TEST(Router, unknown_path_has_no_allow) {
  const Router router = table({{Method::get, "/healthz"}});
  for (const char* path : {"/", "/healthz/", "/health", "/healthz/x", "", "*", "healthz", "//healthz"}) {
    const Router::Match match = router.match(Method::get, path);
    EXPECT_EQ(match.route, nullptr) << path;
    EXPECT_EQ(match.allow, "") << path;
  }
}

TEST(Router, other_method_lists_what_is_allowed) {
  const Router router = table({{Method::post, "/v1/x"}, {Method::get, "/v1/x"}, {Method::post, "/v1/y"}});
  const Router::Match match = router.match(Method::del, "/v1/x");
  EXPECT_EQ(match.route, nullptr);
  EXPECT_EQ(match.allow, "GET, HEAD, POST");
  EXPECT_EQ(router.match(Method::get, "/v1/y").allow, "POST");
}

TEST(Router, get_answers_head) {
  const Router router = table({{Method::get, "/a"}, {Method::post, "/b"}});
  EXPECT_EQ(pattern(router.match(Method::head, "/a")), "/a");
  EXPECT_EQ(router.match(Method::head, "/b").route, nullptr);
}

TEST(Router, params_are_decoded_and_keep_an_encoded_slash) {
  const Router router = table({{Method::get, "/api/v1/gpus/{id}/telemetry"}});
  const Router::Match match = router.match(Method::get, "/api/v1/gpus/GPU%2F1%20a+b/telemetry");
  ASSERT_NE(match.route, nullptr);
  ASSERT_EQ(match.params.size(), 1u);
  EXPECT_EQ(match.params[0].first, "id");
  EXPECT_EQ(match.params[0].second, "GPU/1 a+b");
  EXPECT_EQ(router.match(Method::get, "/api/v1/gpus//telemetry").route, nullptr);
}

TEST(Router, fixed_segments_win_in_any_order) {
  const Router router = table({{Method::get, "/a/{x}"}, {Method::get, "/a/b"}, {Method::get, "/{x}/b"}});
  EXPECT_EQ(pattern(router.match(Method::get, "/a/b")), "/a/b");
  EXPECT_EQ(pattern(router.match(Method::get, "/a/c")), "/a/{x}");
  EXPECT_EQ(pattern(router.match(Method::get, "/z/b")), "/{x}/b");
}

}  // namespace
}  // namespace prompted::http
