#include "http/url.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include "base/error.hpp"
#include "http/request_target.hpp"

namespace prompted::http {
namespace {

TEST(Url, parses_base_urls) {
  const Url plain = parse_url("http://localhost:8084");
  EXPECT_EQ(plain.host, "localhost");
  EXPECT_EQ(plain.port, 8084);
  EXPECT_EQ(plain.prefix, "");
  EXPECT_EQ(plain.host_header(), "localhost:8084");
  EXPECT_EQ(plain.text(), "http://localhost:8084");

  const Url prefixed = parse_url("http://mq/base/path/");
  EXPECT_EQ(prefixed.port, 80);
  EXPECT_EQ(prefixed.prefix, "/base/path");
  EXPECT_EQ(prefixed.text(), "http://mq/base/path");

  const Url six = parse_url("HTTP://[::1]:9");
  EXPECT_EQ(six.host, "::1");
  EXPECT_EQ(six.host_header(), "[::1]:9");
}

TEST(Url, refuses_what_it_cannot_use) {
  for (const char* text : {"", "localhost:8084", "https://a", "http://", "http://a:0", "http://a:99999", "http://u@a",
                           "http://u:p@a", "http://a?x=1", "http://a#b", "http://a b", "ftp://a", "http:///x"}) {
    try {
      parse_url(text);
      ADD_FAILURE() << text;
    } catch (const base::Error& error) {
      EXPECT_EQ(error.kind(), base::ErrorKind::invalid);
      EXPECT_NE(std::string(error.what()).find(text), std::string::npos);
    }
  }
}

TEST(Url, lists) {
  const std::vector<Url> urls = parse_urls("http://a:1, http://b:2/x");
  ASSERT_EQ(urls.size(), 2u);
  EXPECT_EQ(urls[1].text(), "http://b:2/x");
  EXPECT_THROW(parse_urls(""), base::Error);
  EXPECT_THROW(parse_urls("http://a,"), base::Error);
}

TEST(Url, request_targets) {
  EXPECT_EQ(split_target("/a/b?c=d?e").path, "/a/b");
  EXPECT_EQ(split_target("/a/b?c=d?e").query, "c=d?e");
  EXPECT_EQ(split_target("http://host:1/a?b").path, "/a");
  EXPECT_EQ(split_target("http://host").path, "/");
  EXPECT_EQ(split_target("http://host?x").query, "x");
  EXPECT_EQ(split_target("*").path, "*");

  Request request;
  fill(request, split_target("/g%20h?a=1&b=x+y%2B&c&=z&a=2&&start="));
  EXPECT_EQ(request.path, "/g h");
  EXPECT_EQ(request.query.size(), 6u);
  EXPECT_EQ(request.query_value("a"), "1");
  EXPECT_EQ(request.query_value("b"), "x y+");
  EXPECT_FALSE(request.query_value("c"));
  EXPECT_FALSE(request.query_value("start"));
  EXPECT_FALSE(request.query_value("nothing"));
}

std::vector<Endpoint> resolved(const std::string& urls) {
  boost::asio::io_context context;
  auto result = boost::asio::co_spawn(context, resolve(parse_urls(urls)), boost::asio::use_future);
  context.run();
  return result.get();
}

TEST(Url, resolves_to_addresses) {
  const std::vector<Endpoint> endpoints = resolved("http://10.0.0.7:8085,http://10.0.0.7:8085,http://10.0.0.8:8085");
  ASSERT_EQ(endpoints.size(), 2u);
  EXPECT_EQ(endpoints[0].address, "10.0.0.7");
  EXPECT_EQ(endpoints[0].label(), "10.0.0.7:8085");
}

TEST(Url, localhost_is_one_endpoint) {
  const std::vector<Endpoint> endpoints = resolved("http://localhost:8085");
  ASSERT_EQ(endpoints.size(), 1u);
  EXPECT_EQ(endpoints[0].label(), "localhost:8085");
}

TEST(Url, names_that_cannot_be_looked_up) {
  EXPECT_EQ(resolved("http://nowhere.invalid,http://127.0.0.1:1").size(), 1u);
  EXPECT_THROW(resolved("http://nowhere.invalid"), base::Error);
}

}  // namespace
}  // namespace prompted::http
