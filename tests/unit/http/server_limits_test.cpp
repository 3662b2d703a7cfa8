// Which requests the server rejects and which connections it closes: sizes, budget, time, number of connections.
#include "unit/http/test_server.hpp"

#include <nlohmann/json.hpp>

namespace prompted::http {
namespace {

std::string chunk(const std::string& text) {
  char size[20];
  std::snprintf(size, sizeof size, "%zx\r\n", text.size());
  return size + text + "\r\n";
}

Limits small_limits() {
  Limits limits;
  limits.body_budget = 64 * 1024;
  limits.small_message = 4 * 1024;
  limits.response_budget = 128 * 1024;
  limits.stream_share = 48 * 1024;
  limits.header_bytes = 2048;
  limits.header_timeout = std::chrono::seconds{1};
  limits.idle_timeout = std::chrono::seconds{1};
  limits.body_timeout = std::chrono::seconds{1};
  return limits;
}

class LimitsTest : public testing::Test {
 protected:
  void SetUp() override {
    server.route(Method::get, "/hello", hello).route(Method::post, "/echo", echo, 32 * 1024);
    server.route(Method::post, "/large", echo, 1024 * 1024).route(Method::post, "/late", gate.handler(), 48 * 1024);
    server.start();
  }
  void TearDown() override { gate.open(); }
  TestServer server{small_limits()};
  Gate gate{server};
};

TEST_F(LimitsTest, too_large_a_body_is_413_before_it_is_read) {
  RawSocket socket(server.port());
  socket.send(post_head("/echo", "Content-Length: 32769\r\n"));
  const std::string response = socket.read_all();
  EXPECT_TRUE(response.starts_with("HTTP/1.1 413 ")) << response;
  EXPECT_EQ(count(response, "Connection: close"), 1);
}

TEST_F(LimitsTest, client_that_sends_all_of_it_sees_413) {
  EXPECT_EQ(test::post(server.url("/echo"), std::string(20 * 1024 * 1024, 'x')).status, 413);
}

TEST_F(LimitsTest, the_largest_body_is_taken) {
  const std::string body(32 * 1024, 'x');
  EXPECT_EQ(test::post(server.url("/echo"), body).body, body);
}

TEST_F(LimitsTest, long_header_is_431) {
  for (const std::string& request :
       {get_request("/hello", "X: " + std::string(4000, 'a') + "\r\n"), "GET /" + std::string(4000, 'a')}) {
    RawSocket socket(server.port());
    socket.send(request);
    const std::string response = socket.read_all();
    EXPECT_TRUE(response.starts_with("HTTP/1.1 431 ")) << response;
  }
  EXPECT_EQ(test::get(server.url("/hello")).status, 200);
}

TEST_F(LimitsTest, budget_is_taken_as_bytes_arrive_and_given_back) {
  {
    RawSocket promising(server.port());
    promising.send(post_head("/large", "Content-Length: 1000000\r\n") + "x");
    EXPECT_EQ(test::post(server.url("/echo"), std::string(20 * 1024, 'x')).status, 200);
    EXPECT_TRUE(eventually([this] { return server.load().body_bytes <= 16u * 1024; }));

    RawSocket holder(server.port());
    holder.send(post_head("/late", "Content-Length: 49152\r\n") + std::string(49152, 'x'));
    ASSERT_TRUE(gate.entered());
    EXPECT_GE(server.load().body_bytes, 49152u);
    const test::Reply refused = test::post(server.url("/echo"), std::string(20 * 1024, 'x'));
    EXPECT_EQ(refused.status, 503);
    EXPECT_EQ(refused.header("retry-after"), "1");
    gate.open();
    EXPECT_EQ(count(holder.read_until("late"), "200 OK"), 1);
  }
  EXPECT_TRUE(eventually([this] { return server.load().body_bytes == 0; }));
  EXPECT_EQ(test::post(server.url("/echo"), std::string(20 * 1024, 'x')).status, 200);
}

TEST_F(LimitsTest, small_bodies_need_no_budget) {
  RawSocket holder(server.port());
  holder.send(post_head("/large", "Content-Length: 65536\r\n") + std::string(65535, 'x'));
  ASSERT_TRUE(eventually([this] { return server.load().body_bytes == 65536; }));
  EXPECT_EQ(test::post(server.url("/echo"), std::string(20 * 1024, 'x')).status, 503);
  const std::string small(4 * 1024, 'y');
  EXPECT_EQ(test::post(server.url("/echo"), small).body, small);
}

TEST(SlowBodies, one_that_hardly_comes_is_cut) {
  Limits limits;
  limits.body_stretch = std::chrono::seconds{1};  // body_timeout is 30
  TestServer server(limits);
  server.route(Method::post, "/echo", echo).start();
  RawSocket slow(server.port());
  slow.send(post_head("/echo", "Content-Length: 1000000\r\n") + std::string(100000, 'x'));
  EXPECT_EQ(slow.read_all(std::chrono::seconds{20}), "");
  EXPECT_TRUE(eventually([&] { return server.load().connections == 0 && server.load().body_bytes == 0; }));
}

TEST(SlowBodies, one_that_comes_steadily_is_not) {
  Limits limits;
  limits.body_stretch = std::chrono::seconds{1};
  limits.body_progress = 16 * 1024;
  TestServer server(limits);
  server.route(Method::post, "/echo", echo).start();
  RawSocket steady(server.port());
  const std::size_t parts = 30;
  steady.send(post_head("/echo", "Content-Length: " + std::to_string(parts * 16384) + "\r\nConnection: close\r\n"));
  const auto begin = std::chrono::steady_clock::now();
  for (std::size_t i = 0; i < parts; ++i) {
    steady.send(std::string(16384, 'x'));
    std::this_thread::sleep_for(
        std::chrono::milliseconds{50});  // the pace is what is tested: longer than one stretch in all
  }
  ASSERT_GT(std::chrono::steady_clock::now() - begin, limits.body_stretch);
  EXPECT_TRUE(steady.read_all().starts_with("HTTP/1.1 200 "));
}

/// A response that does not fit into the sockets' buffers waits in memory for a client that does not read it.
class ResponsesTest : public testing::Test {
 protected:
  static constexpr std::size_t large = 48 * 1024 * 1024;  // beyond what the kernel takes for a client

  static awaitable<Response> body_of(std::size_t bytes, Request&) {
    Response response(200, "application/octet-stream", std::string(bytes, 'x'));
    co_return response;
  }
  struct Endless final : Source {
    awaitable<std::optional<std::string>> next() override {
      std::optional<std::string> piece(std::string(32 * 1024, 'x'));
      co_return piece;
    }
  };
  static awaitable<Response> endless(Request&) {
    Response response(200, "application/octet-stream", "");
    response.source = std::make_unique<Endless>();
    co_return response;
  }
  static Limits small_responses() {
    Limits limits;
    limits.response_budget = 128 * 1024;
    limits.stream_share = 48 * 1024;
    return limits;
  }
  void SetUp() override {
    server.route(Method::get, "/large", std::bind_front(&ResponsesTest::body_of, large));
    server.route(Method::get, "/medium", std::bind_front(&ResponsesTest::body_of, std::size_t{100 * 1024}));
    server.route(Method::get, "/hello", hello).route(Method::get, "/endless", endless);
    server.start();
  }
  TestServer server{small_responses()};
};

TEST_F(ResponsesTest, the_only_one_may_exceed_the_budget) {
  EXPECT_EQ(test::get(server.url("/large")).body.size(), large);
  EXPECT_TRUE(eventually([this] { return server.load().response_bytes == 0; }));
}

TEST_F(ResponsesTest, beside_it_others_are_503_and_small_ones_are_served) {
  auto stalled = std::make_unique<RawSocket>(server.port());
  stalled->set_receive_buffer(4096);
  stalled->send(get_request("/large"));
  ASSERT_TRUE(eventually([this] { return server.load().response_bytes >= large; }));
  const test::Reply refused = test::get(server.url("/medium"));
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.header("retry-after"), "1");
  EXPECT_EQ(test::get(server.url("/hello")).body, "hello");
  stalled.reset();
  EXPECT_TRUE(eventually([this] { return test::get(server.url("/medium")).status == 200; }));
}

TEST_F(ResponsesTest, streams_take_their_share_for_as_long_as_they_last) {
  std::vector<std::unique_ptr<RawSocket>> streams;
  for (int i = 0; i < 2; ++i) {
    streams.push_back(std::make_unique<RawSocket>(server.port()));
    streams.back()->send(get_request("/endless"));
    EXPECT_EQ(count(streams.back()->read_until("\r\n\r\n"), "200 OK"), 1);
  }
  EXPECT_EQ(server.load().response_bytes, 2u * 48 * 1024);
  RawSocket third(server.port());
  third.send(get_request("/endless"));
  EXPECT_TRUE(third.read_until("\r\n\r\n").starts_with("HTTP/1.1 503 "));
  streams.pop_back();
  EXPECT_TRUE(eventually([this] { return server.load().response_bytes == 48u * 1024; }));
  third.send(get_request("/endless"));
  EXPECT_TRUE(eventually([&] { return count(third.read_until("\r\n\r\n"), "200 OK") == 1; }));
}

TEST_F(LimitsTest, expect_100_continue_is_answered) {
  RawSocket socket(server.port());
  socket.send(post_head("/echo", "Content-Length: 4\r\nExpect: 100-continue\r\n"));
  EXPECT_EQ(socket.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  socket.send("body");
  EXPECT_EQ(count(socket.read_until("body"), "200 OK"), 1);
}

TEST_F(LimitsTest, expect_is_refused_without_100) {
  RawSocket large(server.port());
  large.send(post_head("/echo", "Content-Length: 99999\r\nExpect: 100-continue\r\n"));
  EXPECT_TRUE(large.read_all().starts_with("HTTP/1.1 413 "));
  RawSocket other(server.port());
  other.send(post_head("/echo", "Content-Length: 4\r\nExpect: a miracle\r\n"));
  EXPECT_TRUE(other.read_all().starts_with("HTTP/1.1 417 "));
}

TEST_F(LimitsTest, chunked_bodies_are_put_together) {
  RawSocket socket(server.port());
  socket.send(post_head("/echo", "Transfer-Encoding: chunked\r\n") + "4\r\nab");
  socket.send("cd\r\n3;x=y\r\nefg\r\n0\r\nTrailer: t\r\n\r\n" + get_request("/hello", "Connection: close\r\n"));
  const std::string responses = socket.read_all();
  EXPECT_EQ(count(responses, "\r\n\r\nabcdefg"), 1);
  EXPECT_EQ(count(responses, "\r\n\r\nhello"), 1);
}

TEST_F(LimitsTest, chunked_body_is_held_to_the_routes_limit) {
  RawSocket socket(server.port());
  socket.send(post_head("/echo", "Transfer-Encoding: chunked\r\n"));
  for (int i = 0; i < 5; ++i) socket.send(chunk(std::string(8 * 1024, 'x')));
  EXPECT_TRUE(socket.read_all().starts_with("HTTP/1.1 413 "));
}

TEST_F(LimitsTest, chunks_of_any_size_are_charged_what_has_arrived) {
  for (const std::size_t size : {100u, 3000u, 9000u, 14000u, 60000u}) {
    std::string sent;
    std::string body;
    while (body.size() + size <= 60000) {
      body.append(size, static_cast<char>('a' + body.size() % 26));
      sent += chunk(body.substr(body.size() - size));
    }
    RawSocket socket(server.port());
    socket.send(post_head("/large", "Transfer-Encoding: chunked\r\nConnection: close\r\n") + sent + "0\r\n\r\n");
    EXPECT_TRUE(socket.read_all().ends_with("\r\n\r\n" + body)) << size;
    EXPECT_TRUE(eventually([this] { return server.load().body_bytes == 0; })) << size;
  }
}

TEST_F(LimitsTest, chunked_body_is_held_to_the_budget) {
  RawSocket socket(server.port());
  socket.send(post_head("/large", "Transfer-Encoding: chunked\r\n"));
  for (int i = 0; i < 20; ++i) socket.send(chunk(std::string(8 * 1024, 'x')));
  EXPECT_TRUE(socket.read_all().starts_with("HTTP/1.1 503 "));
  EXPECT_TRUE(eventually([this] { return server.load().body_bytes == 0; }));
}

TEST_F(LimitsTest, broken_chunks_are_400) {
  for (const std::string& broken :
       {std::string("zz\r\n"), std::string("4\r\nabcdXX\r\n"), "1;" + std::string(5000, 'a')}) {
    RawSocket socket(server.port());
    socket.send(post_head("/echo", "Transfer-Encoding: chunked\r\n") + broken);
    EXPECT_TRUE(socket.read_all().starts_with("HTTP/1.1 400 "));
  }
}

TEST_F(LimitsTest, stalled_peers_are_closed) {
  RawSocket silent(server.port());
  RawSocket in_header(server.port());
  in_header.send("GET /hello HT");
  RawSocket in_body(server.port());
  in_body.send(post_head("/echo", "Content-Length: 100\r\n") + "half");
  EXPECT_EQ(silent.read_all(), "");
  EXPECT_EQ(in_header.read_all(), "");
  EXPECT_EQ(in_body.read_all(), "");
  EXPECT_TRUE(eventually([this] { return server.load().connections == 0 && server.load().body_bytes == 0; }));
}

TEST_F(LimitsTest, no_timer_runs_while_a_handler_works) {
  RawSocket waiting(server.port());
  waiting.send(post_head("/late", "Content-Length: 1\r\n") + "x");
  ASSERT_TRUE(gate.entered());
  RawSocket silent(server.port());
  EXPECT_EQ(silent.read_all(), "");  // idle_timeout has passed, and header_timeout
  gate.open();
  EXPECT_EQ(count(waiting.read_until("late"), "200 OK"), 1);
}

TEST(ConnectionCap, further_clients_wait_in_the_backlog) {
  Limits limits;
  limits.connections = 2;
  TestServer server(limits);
  server.route(Method::get, "/hello", hello).start();
  auto first = std::make_unique<RawSocket>(server.port());
  RawSocket second(server.port());
  first->send(get_request("/hello"));
  EXPECT_EQ(count(first->read_until("hello"), "200 OK"), 1);
  second.send(get_request("/hello"));
  EXPECT_EQ(count(second.read_until("hello"), "200 OK"), 1);
  RawSocket third(server.port());
  third.send(get_request("/hello"));
  EXPECT_EQ(third.read_until("hello", std::chrono::milliseconds{200}), "");
  EXPECT_EQ(server.load().connections, 2u);
  first.reset();
  EXPECT_EQ(count(third.read_until("hello"), "200 OK"), 1);
}

}  // namespace
}  // namespace prompted::http
