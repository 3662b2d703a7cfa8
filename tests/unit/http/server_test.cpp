// Requests and responses: routing, keep-alive, pipelining, versions, faults of handlers.
#include "unit/http/test_server.hpp"

#include <boost/asio/use_awaitable.hpp>
#include <nlohmann/json.hpp>

#include "base/error.hpp"

namespace prompted::http {
namespace {

awaitable<Response> describe(Request& request) {
  std::string text = std::string(request.route) + '|' + std::string(request.param("id")) + '|' +
                     std::string(request.query_value("q").value_or("-")) + '|' + std::string(request.header("X-Test"));
  co_return Response(200, "text/plain", std::move(text));
}
awaitable<Response> refuse(Request&) {
  throw base::Error(base::ErrorKind::overloaded, "full", std::chrono::seconds{3});
  co_return Response();
}
awaitable<Response> fail(Request&) {
  throw std::runtime_error("SELECT secret");
  co_return Response();
}
awaitable<Response> fail_at_once(Request&) { throw base::invalid("not even a coroutine"); }
awaitable<Response> break_out(Request&) {
  Response response(200, "text/plain", "x");
  response.headers.push_back(Header{"Location", "/\r\nSet-Cookie: a=b"});
  co_return response;
}
awaitable<Response> nothing(Request&) { co_return Response(204); }

class ServerTest : public testing::Test {
 protected:
  void SetUp() override {
    server.route(Method::get, "/hello", hello).route(Method::post, "/echo", echo).route(Method::get, "/echo", echo);
    server.route(Method::get, "/gpus/{id}/telemetry", describe)
        .route(Method::get, "/refuse", refuse)
        .route(Method::get, "/fail", fail);
    server.route(Method::get, "/throw", fail_at_once)
        .route(Method::get, "/break", break_out)
        .route(Method::get, "/nothing", nothing);
    server.start();
  }
  TestServer server;
};

TEST_F(ServerTest, answers_with_the_usual_headers) {
  const test::Reply response = test::get(server.url("/hello"));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "hello");
  EXPECT_EQ(response.header("content-type"), "text/plain");
  EXPECT_EQ(response.header("content-length"), "5");
  EXPECT_EQ(response.header("server"), "prompted");
  EXPECT_EQ(response.header("connection"), "close");
  EXPECT_TRUE(response.header("date").ends_with(" GMT"));
}

TEST_F(ServerTest, unknown_path_and_wrong_method_are_problems) {
  const test::Reply unknown = test::get(server.url("/nope"));
  EXPECT_EQ(unknown.status, 404);
  EXPECT_EQ(unknown.json()["error"], unknown.json()["detail"]);
  const test::Reply wrong = test::post(server.url("/hello"), "{}");
  EXPECT_EQ(wrong.status, 405);
  EXPECT_EQ(wrong.header("allow"), "GET, HEAD");
  EXPECT_EQ(wrong.header("content-type"), "application/problem+json");
}

TEST_F(ServerTest, decodes_path_and_query) {
  EXPECT_EQ(test::get(server.url("/gpus/GPU%2F1/telemetry?q=a+b%2B")).body, "/gpus/{id}/telemetry|GPU/1|a b+|");
}

TEST_F(ServerTest, head_has_the_length_and_no_body) {
  RawSocket socket(server.port());
  socket.send("HEAD /hello HTTP/1.1\r\nHost: t\r\n\r\n" + get_request("/hello", "Connection: close\r\n"));
  const std::string responses = socket.read_all();
  EXPECT_EQ(count(responses, "Content-Length: 5"), 2);
  EXPECT_EQ(count(responses, "\r\n\r\nhello"), 1);
}

TEST_F(ServerTest, no_content_has_no_length) {
  const test::Reply response = test::get(server.url("/nothing"));
  EXPECT_EQ(response.status, 204);
  EXPECT_EQ(response.header("content-length"), "");
}

TEST_F(ServerTest, keeps_the_connection) {
  RawSocket socket(server.port());
  for (int i = 0; i < 3; ++i) {
    socket.send(get_request("/hello"));
    const std::string response = socket.read_until("hello");
    EXPECT_EQ(count(response, "200 OK"), 1);
    EXPECT_EQ(count(response, "Connection:"), 0);
  }
  EXPECT_EQ(server.load().connections, 1u);
}

TEST_F(ServerTest, pipelined_requests_are_answered_in_order) {
  std::string requests;
  for (int i = 0; i < 50; ++i) {
    const std::string text = "number-" + std::to_string(i) + ";";
    requests += post_head("/echo", "Content-Length: " + std::to_string(text.size()) + "\r\n") + text;
  }
  RawSocket socket(server.port());
  socket.send(requests + get_request("/echo", "Connection: close\r\n"));
  const std::string responses = socket.read_all();
  std::size_t at = 0;
  for (int i = 0; i < 50; ++i) {
    at = responses.find("number-" + std::to_string(i) + ";", at);
    ASSERT_NE(at, std::string::npos) << i;
  }
  EXPECT_EQ(count(responses, "200 OK"), 51);
}

TEST_F(ServerTest, http_1_0_closes_unless_asked) {
  RawSocket closing(server.port());
  closing.send("GET /hello HTTP/1.0\r\n\r\n");
  EXPECT_TRUE(closing.read_all().ends_with("hello"));
  RawSocket kept(server.port());
  kept.send("GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_EQ(count(kept.read_until("hello"), "Connection: keep-alive"), 1);
  kept.send("GET /hello HTTP/1.0\r\n\r\n");
  EXPECT_TRUE(kept.read_all().ends_with("hello"));
}

TEST_F(ServerTest, absolute_form_and_missing_host) {
  RawSocket socket(server.port());
  socket.send("GET http://other/hello HTTP/1.1\r\nHost: other\r\n\r\nGET /hello HTTP/1.1\r\n\r\n");
  const std::string responses = socket.read_until("Host header");
  EXPECT_EQ(count(responses, "200 OK"), 1);
  EXPECT_EQ(count(responses, "400 Bad Request"), 1);
}

TEST_F(ServerTest, half_closed_client_gets_its_answer) {
  RawSocket socket(server.port());
  socket.send(get_request("/hello"));
  socket.shutdown_send();
  EXPECT_TRUE(socket.read_all().ends_with("hello"));
}

TEST_F(ServerTest, garbage_is_400_and_the_next_client_is_served) {
  for (const std::string& garbage :
       {std::string("\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", 11), std::string("hello there\r\n\r\n"),
        std::string("GET / HTTP/9.9\r\n\r\n"), std::string(4096, '\0'),
        get_request("/hello", "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"),
        get_request("/hello", "Content-Length: -1\r\n")}) {
    RawSocket socket(server.port());
    socket.send(garbage);
    socket.shutdown_send();
    const std::string response = socket.read_all();
    EXPECT_TRUE(response.starts_with("HTTP/1.1 400 Bad Request")) << response;
    EXPECT_EQ(count(response, "Connection: close"), 1);
    EXPECT_EQ(count(response, "application/problem+json"), 1);
    EXPECT_EQ(test::get(server.url("/hello")).status, 200);
  }
}

TEST_F(ServerTest, unknown_transfer_coding_is_501_and_closes) {
  RawSocket socket(server.port());
  socket.send(post_head("/echo", "Transfer-Encoding: gzip\r\n") + get_request("/hello"));
  const std::string response = socket.read_all();
  EXPECT_TRUE(response.starts_with("HTTP/1.1 501"));
  EXPECT_EQ(count(response, "HTTP/1.1"), 1);
}

TEST_F(ServerTest, faults_of_handlers_are_problems) {
  const test::Reply busy = test::get(server.url("/refuse"));
  EXPECT_EQ(busy.status, 503);
  EXPECT_EQ(busy.header("retry-after"), "3");
  const test::Reply failed = test::get(server.url("/fail"));
  EXPECT_EQ(failed.status, 500);
  EXPECT_EQ(failed.json()["error"], "internal error");
  EXPECT_EQ(test::get(server.url("/throw")).status, 400);
  const test::Reply broken = test::get(server.url("/break"));
  EXPECT_EQ(broken.status, 500);
  EXPECT_EQ(broken.header("set-cookie"), "");
}

TEST_F(ServerTest, outcomes_are_told) {
  test::get(server.url("/gpus/1/telemetry"));
  test::get(server.url("/nope"));
  ASSERT_TRUE(eventually([this] { return server.seen().size() == 2; }));
  EXPECT_EQ(server.seen()[0].route, "/gpus/{id}/telemetry");
  EXPECT_EQ(server.seen()[0].status, 200);
  EXPECT_EQ(server.seen()[1].route, "");
  EXPECT_EQ(server.seen()[1].status, 404);
}

TEST(Server, says_that_a_port_is_in_use) {
  TestServer first;
  first.start();
  boost::asio::io_context context;
  Server second(context, Router(), Limits(), nullptr);
  try {
    second.listen("127.0.0.1", first.port());
    FAIL();
  } catch (const base::Error& error) {
    EXPECT_EQ(error.what(), "port " + std::to_string(first.port()) + " is in use");
    EXPECT_EQ(error.kind(), base::ErrorKind::unavailable);
  }
  EXPECT_THROW(second.listen("no-address", 0), base::Error);
  EXPECT_THROW(second.listen("192.0.2.1", 0), base::Error);
}

TEST(Server, listens_on_both_families) {
  boost::asio::io_context context;
  Server server(context, Router(), Limits(), nullptr);
  server.listen("::", 0);
  EXPECT_NE(server.port(), 0);
  RawSocket ipv4(server.port());
}

}  // namespace
}  // namespace prompted::http
