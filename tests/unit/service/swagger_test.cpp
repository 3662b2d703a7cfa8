#include "service/swagger.hpp"

#include <gtest/gtest.h>
#include <zlib.h>

#include <nlohmann/json.hpp>

#include "base/spawn.hpp"
#include "service/swagger_assets.hpp"

namespace prompted::service {
namespace {

using nlohmann::json;
namespace asio = boost::asio;

asio::awaitable<http::Response> hello(http::Request&) { co_return http::Response(200, "text/plain", "hello"); }

asio::awaitable<void> call(http::Handler handler, http::Request& request, http::Response& result) {
  http::Response response = co_await handler(request);
  if (response.source) {
    for (;;) {
      const std::optional<std::string> piece = co_await response.source->next();
      if (!piece) break;
      response.body += *piece;
    }
  }
  result = std::move(response);
}

std::string unzipped(const std::string& coded) {
  z_stream stream{};
  if (inflateInit2(&stream, MAX_WBITS + 16) != Z_OK) throw std::bad_alloc();
  std::string out(8 * 1024 * 1024, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(coded.data()));
  stream.avail_in = static_cast<uInt>(coded.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  inflateEnd(&stream);
  return out;
}

class SwaggerTest : public testing::Test {
 protected:
  SwaggerTest() {
    http::Route route;
    route.pattern = "/hello";
    route.handler = hello;
    route.operation.id = "sayHello";
    route.operation.tag = "hello";
    route.operation.summary = "Says it";
    router.add(std::move(route));
    http::Api api;
    api.title = "A title";
    add_swagger(router, api);
  }
  http::Response get(const std::string& path, const std::string& name = "Accept-Encoding",
                     const std::string& value = "gzip") {
    const auto match = router.match(http::Method::get, path);
    http::Response response(404);
    if (match.route == nullptr) return response;
    http::Request request;
    request.headers.push_back(http::Header{name, value});
    asio::io_context owner(1);
    base::spawn(owner, "call", call(match.route->handler, request, response));
    owner.run();
    return response;
  }
  static std::string header(const http::Response& response, const char* name) {
    return std::string(http::find_header(response.headers, name));
  }
  http::Router router;
};

TEST_F(SwaggerTest, TheDocumentIsThatOfTheRoutesButItsOwn) {
  const http::Response response = get("/swagger/doc.json");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.content_type, "application/json");
  EXPECT_EQ(header(response, "Cache-Control"), "no-cache");
  const json document = json::parse(response.body);
  EXPECT_EQ(document["info"]["title"], "A title");
  EXPECT_EQ(document["paths"].size(), 1u);
  EXPECT_EQ(document["paths"]["/hello"]["get"]["operationId"], "sayHello");
}

TEST_F(SwaggerTest, WhatIsKnownIsA304) {
  for (const char* path : {"/swagger/doc.json", "/swagger/index.html", "/swagger/swagger-ui.css"}) {
    if (get(path).status == 404) continue;  // built without Swagger UI
    const std::string etag = header(get(path), "ETag");
    EXPECT_TRUE(etag.starts_with("W/\"")) << etag;
    const http::Response again = get(path, "If-None-Match", "\"other\", " + etag);
    EXPECT_EQ(again.status, 304) << path;
    EXPECT_EQ(again.body + again.content_type, "");
    EXPECT_EQ(header(again, "ETag"), etag);
    EXPECT_EQ(header(again, "Cache-Control"), header(get(path), "Cache-Control"));
    EXPECT_EQ(get(path, "If-None-Match", "\"other\"").status, 200);
  }
}

TEST_F(SwaggerTest, AnotherDocumentHasAnotherTag) {
  http::Router other;
  http::Api api;
  api.title = "Another title";
  add_swagger(other, api);
  const std::string etag = header(get("/swagger/doc.json"), "ETag");
  std::swap(router, other);
  EXPECT_NE(header(get("/swagger/doc.json"), "ETag"), etag);
}

TEST_F(SwaggerTest, Redirects) {
  const std::string entrance = swagger_assets != nullptr ? "/swagger/index.html" : "/swagger/doc.json";
  for (const char* path : {"/", "/swagger", "/swagger/"}) {
    const http::Response response = get(path);
    EXPECT_EQ(response.status, 302) << path;
    EXPECT_EQ(header(response, "Location"), entrance);
  }
}

class SwaggerUiTest : public SwaggerTest {
 protected:
  void SetUp() override {
    if (get("/swagger/swagger-ui.css").status == 404) GTEST_SKIP() << "built without Swagger UI";
  }
};

TEST_F(SwaggerUiTest, ThePageAsksNobodyElse) {
  for (const char* path : {"/swagger/index.html", "/swagger/initializer.js"}) {
    const http::Response response = get(path);
    EXPECT_EQ(header(response, "Content-Encoding"), "gzip");
    EXPECT_EQ(header(response, "Cache-Control"), "no-cache");
    EXPECT_EQ(header(response, "X-Content-Type-Options"), "nosniff");
    EXPECT_NE(header(response, "Content-Security-Policy").find("default-src 'self'"), std::string::npos);
    EXPECT_EQ(unzipped(response.body).find("//www."), std::string::npos);
    EXPECT_EQ(unzipped(response.body).find("http"), std::string::npos);
  }
  EXPECT_NE(unzipped(get("/swagger/initializer.js").body).find("url: \"doc.json\""), std::string::npos);
}

TEST_F(SwaggerUiTest, EveryFileThatThePageNamesIsThere) {
  const std::string page = unzipped(get("/swagger/index.html").body);
  int named = 0;
  for (const char* attribute : {"src=\"", "href=\""}) {
    for (std::size_t at = page.find(attribute); at != std::string::npos; at = page.find(attribute, at + 1)) {
      const std::size_t begin = at + std::string(attribute).size();
      const std::string file = page.substr(begin, page.find('"', begin) - begin);
      EXPECT_EQ(get("/swagger/" + file).status, 200) << file;
      ++named;
    }
  }
  EXPECT_GE(named, 5);
}

TEST_F(SwaggerUiTest, AssetsAreTheSameWithAndWithoutGzip) {
  for (const char* file : {"swagger-ui-bundle.js", "swagger-ui.css", "index.html", "LICENSE"}) {
    const http::Response coded = get(std::string("/swagger/") + file);
    EXPECT_EQ(header(coded, "Vary"), "Accept-Encoding");
    const http::Response plain = get(std::string("/swagger/") + file, "Accept-Encoding", "identity");
    EXPECT_EQ(header(plain, "Content-Encoding"), "");
    EXPECT_EQ(plain.body, unzipped(coded.body)) << file;
  }
  EXPECT_GT(get("/swagger/swagger-ui-bundle.js", "Accept-Encoding", "").body.size(), 1000000u);
  EXPECT_EQ(header(get("/swagger/swagger-ui.css"), "Cache-Control"), "public, max-age=86400");
  EXPECT_EQ(get("/swagger/swagger-ui.css").content_type, "text/css; charset=utf-8");
}

TEST_F(SwaggerUiTest, APictureIsNotCodedAgain) {
  const http::Response icon = get("/swagger/favicon-32x32.png");
  EXPECT_EQ(icon.content_type, "image/png");
  EXPECT_EQ(header(icon, "Content-Encoding"), "");
  EXPECT_TRUE(icon.body.starts_with("\x89PNG"));
}

}  // namespace
}  // namespace prompted::service
