// Which hosts are served, and which requests count as coming from other sites' pages.
#include "base/error.hpp"
#include "unit/http/test_server.hpp"

namespace prompted::http {
namespace {

TEST(HostList, what_nobody_can_rebind_is_allowed) {
  const HostList hosts;
  for (const char* host :
       {"127.0.0.1", "127.0.0.1:8084", "10.1.2.3", "[::1]", "[::1]:8084", "[fd00::1%25eth0]", "localhost",
        "LOCALHOST:80", "localhost.", "app.localhost", "mqwriter", "mqwriter:8084", "prompted-apigw.default.svc",
        "prompted-apigw.default.svc:8080", "prompted-apigw.default.svc.cluster.local"}) {
    EXPECT_TRUE(hosts.allows(host)) << host;
  }
}

TEST(HostList, other_names_are_not) {
  const HostList hosts;
  for (const char* host :
       {"", ":8084", "evil.example", "evil.example:8084", "127.0.0.1.evil.example", "svc.evil.example",
        "localhost.evil.example", "evil.example.", "notsvc.x", "10.1.2.3.4", "1.2.3"}) {
    EXPECT_FALSE(hosts.allows(host)) << host;
  }
}

TEST(HostList, those_that_are_named) {
  const HostList hosts(parse_allowed_hosts("Telemetry.example.com, *.example.org"));
  EXPECT_TRUE(hosts.allows("telemetry.example.com"));
  EXPECT_TRUE(hosts.allows("telemetry.EXAMPLE.com:443"));
  EXPECT_TRUE(hosts.allows("a.example.org"));
  EXPECT_TRUE(hosts.allows("a.b.example.org:1"));
  EXPECT_FALSE(hosts.allows("example.org"));
  EXPECT_FALSE(hosts.allows("badexample.org"));
  EXPECT_FALSE(hosts.allows("x.telemetry.example.com"));
  EXPECT_TRUE(HostList(parse_allowed_hosts("*")).allows("anything.example"));
}

TEST(HostList, bad_lists_are_refused) {
  EXPECT_TRUE(parse_allowed_hosts("").empty());
  EXPECT_TRUE(parse_allowed_hosts(" , ").empty());
  for (const char* list : {"http://a.example", "a.example:80", "a.*.example", "*example", ".example", "a b"}) {
    EXPECT_THROW(parse_allowed_hosts(list), base::Error) << list;
  }
}

Request request_with(std::vector<Header> headers) {
  Request request;
  request.method = Method::post;
  request.headers = std::move(headers);
  return request;
}

TEST(OtherSites, are_told_by_origin) {
  const auto foreign = [](const char* host, const char* origin) {
    return from_another_site(request_with({{"Host", host}, {"Origin", origin}}));
  };
  EXPECT_FALSE(foreign("localhost:8084", "http://localhost:8084"));
  EXPECT_FALSE(foreign("Example.com", "https://example.com"));  // TLS ended before us
  EXPECT_FALSE(foreign("example.com:443", "https://example.com"));
  EXPECT_FALSE(foreign("example.com:80", "http://example.com"));
  EXPECT_FALSE(foreign("[::1]:8084", "http://[::1]:8084"));
  EXPECT_TRUE(foreign("localhost:8084", "http://localhost:8080"));
  EXPECT_TRUE(foreign("localhost:8084", "http://localhost"));
  EXPECT_TRUE(foreign("localhost:8084", "http://127.0.0.1:8084"));
  EXPECT_TRUE(foreign("localhost:8084", "null"));
  EXPECT_TRUE(foreign("localhost:8084", "chrome-extension://localhost:8084"));
  EXPECT_TRUE(foreign("localhost:8084", "http://localhost:8084.evil.example"));
  EXPECT_TRUE(from_another_site(request_with({{"Origin", "http://"}})));
}

TEST(OtherSites, are_told_by_fetch_metadata) {
  const auto foreign = [](const char* site) {
    return from_another_site(request_with({{"Host", "localhost:8084"}, {"Sec-Fetch-Site", site}}));
  };
  EXPECT_TRUE(foreign("cross-site"));
  EXPECT_TRUE(foreign("same-site"));  // another port of this machine is one
  EXPECT_FALSE(foreign("same-origin"));
  EXPECT_FALSE(foreign("none"));  // typed by the user
}

TEST(OtherSites, programs_send_neither) { EXPECT_FALSE(from_another_site(request_with({{"Host", "mqwriter:8084"}}))); }

class SiteGuard : public testing::Test {
 protected:
  SiteGuard() { server.route(Method::get, "/hello", hello).route(Method::post, "/echo", echo).start(); }
  int status(const std::string& method, const std::string& path, const std::string& headers) {
    RawSocket socket(server.port());
    socket.send(method + " " + path + " HTTP/1.1\r\n" + headers + "Content-Length: 2\r\n\r\n{}");
    const std::string response = socket.read_until("\r\n\r\n");
    return response.size() > 12 ? std::stoi(response.substr(9, 3)) : 0;
  }
  TestServer server;
};

TEST_F(SiteGuard, a_foreign_host_is_421_on_every_route) {
  EXPECT_EQ(status("GET", "/hello", "Host: evil.example\r\n"), 421);
  EXPECT_EQ(status("POST", "/echo", "Host: evil.example\r\n"), 421);
  EXPECT_EQ(status("GET", "/nowhere", "Host: evil.example\r\n"), 421);
  EXPECT_EQ(status("POST", "/echo", "Host: mqwriter:8084\r\n"), 200);
}

TEST_F(SiteGuard, the_host_is_asked_of_every_request_of_a_connection) {
  RawSocket socket(server.port());
  socket.send(
      "GET /hello HTTP/1.1\r\nHost: a\r\n\r\nGET /hello HTTP/1.1\r\nHost: evil.example\r\n\r\n"
      "GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  const std::string responses = socket.read_all();
  EXPECT_EQ(count(responses, "HTTP/1.1 200 "), 2);
  EXPECT_EQ(count(responses, "HTTP/1.1 421 "), 1);
}

TEST_F(SiteGuard, two_hosts_are_400) { EXPECT_EQ(status("GET", "/hello", "Host: a\r\nHost: evil.example\r\n"), 400); }

TEST_F(SiteGuard, other_sites_may_not_change_anything) {
  EXPECT_EQ(status("POST", "/echo", "Host: a:1\r\nOrigin: http://b:1\r\n"), 403);
  EXPECT_EQ(status("POST", "/echo", "Host: a:1\r\nSec-Fetch-Site: cross-site\r\n"), 403);
  EXPECT_EQ(status("POST", "/echo", "Host: a:1\r\nOrigin: http://a:1\r\nSec-Fetch-Site: same-origin\r\n"), 200);
  // A link from another page: without CORS headers its script cannot read the response.
  EXPECT_EQ(status("GET", "/hello", "Host: a:1\r\nSec-Fetch-Site: cross-site\r\n"), 200);
}

TEST_F(SiteGuard, a_request_without_a_host_is_no_browsers) {
  RawSocket socket(server.port());
  socket.send("GET /hello HTTP/1.0\r\n\r\n");
  EXPECT_EQ(count(socket.read_all(), " 200 "), 1);
}

}  // namespace
}  // namespace prompted::http
