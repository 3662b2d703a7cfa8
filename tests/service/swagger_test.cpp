// The OpenAPI document and Swagger UI of each daemon with an API, and gzip as clients see it.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>

#include "support/daemon.hpp"
#include "support/http.hpp"
#include "support/postgres_cluster.hpp"

namespace prompted::test {
namespace {

std::string committed(const std::string& service) {
  std::ifstream file(source_path("docs/openapi/" + service + ".json"), std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
}

Reply get_with(const std::string& url, const std::string& header, const std::string& value) {
  Call call;
  call.headers.emplace(header, value);
  return http(url, call);
}

class Swagger : public testing::TestWithParam<const char*> {
 protected:
  Swagger() : daemon(GetParam(), {{"DATABASE_URL", PostgresCluster::shared().migrated_database()}}) {}
  std::string url(const std::string& path) const { return daemon.url() + path; }
  bool has_ui() const { return get(url("/swagger/swagger-ui.css")).status == 200; }
  Daemon daemon;
};

TEST_P(Swagger, ServesTheCommittedDocument) {
  const Reply response = get(url("/swagger/doc.json"));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.header("content-type"), "application/json");
  EXPECT_EQ(response.body, committed(GetParam())) << "run make swagger";
  EXPECT_EQ(response.json()["openapi"], "3.0.3");
  EXPECT_TRUE(response.json()["paths"].contains("/healthz"));
}

TEST_P(Swagger, EntrancesRedirect) {
  for (const char* path : {"/", "/swagger", "/swagger/"}) {
    const Reply response = get(url(path));
    EXPECT_EQ(response.status, 302) << path;
    EXPECT_EQ(get(url(response.header("location"))).status, 200) << response.header("location");
  }
  EXPECT_EQ(get(url("/swagger/none")).status, 404);
  EXPECT_EQ(post(url("/swagger/doc.json"), "{}").status, 405);
}

TEST_P(Swagger, ThePageAndItsFilesAreLocal) {
  if (!has_ui()) GTEST_SKIP() << "built without Swagger UI";
  const Reply page = get(url("/swagger/index.html"));
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.header("content-type"), "text/html; charset=utf-8");
  EXPECT_EQ(page.header("content-encoding"), "");
  EXPECT_EQ(page.header("vary"), "Accept-Encoding");
  EXPECT_EQ(page.header("x-content-type-options"), "nosniff");
  EXPECT_TRUE(page.header("content-security-policy").starts_with("default-src 'self';"));
  EXPECT_EQ(page.body.find("//"), std::string::npos) << "an address elsewhere";
  for (const char* file : {"swagger-ui.css", "swagger-ui-bundle.js", "initializer.js", "favicon-32x32.png"}) {
    EXPECT_NE(page.body.find("\"" + std::string(file) + "\""), std::string::npos) << file;
    EXPECT_EQ(get(url("/swagger/" + std::string(file))).status, 200) << file;
  }
}

TEST_P(Swagger, WhatACacheHasIsNotSentAgain) {
  for (const char* path : {"/swagger/doc.json", "/swagger/index.html", "/swagger/swagger-ui-bundle.js"}) {
    const Reply first = get(url(path));
    if (first.status == 404 && !has_ui()) continue;
    const Reply again = get_with(url(path), "If-None-Match", first.header("etag"));
    EXPECT_EQ(again.status, 304) << path;
    EXPECT_EQ(again.body, "");
    for (const char* header : {"etag", "cache-control", "vary"})
      EXPECT_EQ(again.header(header), first.header(header)) << header;
    EXPECT_EQ(get_with(url(path), "If-None-Match", "W/\"0\"").status, 200);
  }
}

TEST_P(Swagger, CurlCompressed) {
  const std::filesystem::path scratch =
      std::filesystem::temp_directory_path() / ("swagger-" + std::to_string(daemon.pid()));
  std::filesystem::create_directory(scratch);
  for (const char* path : {"/swagger/doc.json", "/swagger/swagger-ui-bundle.js"}) {
    const Reply plain = get(url(path));
    if (plain.status == 404 && !has_ui()) continue;
    const std::string out = scratch / "out";
    const Finished curl = run_program({"curl", "--noproxy", "*", "-sS", "--compressed", "-o", out, "-w",
                                       "%{size_download} %header{content-encoding} %header{etag}", url(path)});
    EXPECT_EQ(curl.exit_code, 0) << curl.output;
    EXPECT_NE(curl.output.find(" gzip " + plain.header("etag")), std::string::npos) << curl.output;
    EXPECT_LT(std::atol(curl.output.c_str()), static_cast<long>(plain.body.size()) / 3);
    std::ifstream file(out, std::ios::binary);
    EXPECT_TRUE(std::string(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()) == plain.body)
        << path;
  }
  std::filesystem::remove_all(scratch);
}

INSTANTIATE_TEST_SUITE_P(Daemons, Swagger, testing::Values("apigw", "mqwriter", "mqreader"),
                         [](const auto& info) { return std::string(info.param); });

TEST(NoSwagger, WhereThereIsNoApi) {
  const Daemon daemon("collector", {{"DATABASE_URL", PostgresCluster::shared().migrated_database()},
                                    {"MQ_BASE_URL", "http://127.0.0.1:9"}});
  EXPECT_EQ(get(daemon.url() + "/swagger/doc.json").status, 404);
}

}  // namespace
}  // namespace prompted::test
