// The end of a server: drain and destruction.
#include "unit/http/test_server.hpp"

namespace prompted::http {
namespace {

using std::chrono::milliseconds;

TEST(Drain, closes_idle_and_finishes_what_is_in_flight) {
  TestServer server;
  Gate gate(server);
  server.route(Method::get, "/hello", hello).route(Method::get, "/late", gate.handler()).start();
  RawSocket idle(server.port());
  idle.send(get_request("/hello"));
  idle.read_until("hello");
  RawSocket busy(server.port());
  busy.send(get_request("/late"));
  ASSERT_TRUE(gate.entered());

  auto drained = server.drain(milliseconds{20000});
  EXPECT_EQ(idle.read_all(), "");
  EXPECT_THROW(RawSocket(server.port()).send(get_request("/hello")), std::runtime_error);
  EXPECT_EQ(drained.wait_for(milliseconds{0}), std::future_status::timeout);
  gate.open();
  const std::string response = busy.read_all();
  EXPECT_EQ(count(response, "200 OK"), 1);
  EXPECT_EQ(count(response, "Connection: close"), 1);
  EXPECT_TRUE(drained.get());
  EXPECT_EQ(server.load().connections, 0u);
}

TEST(Drain, a_body_on_its_way_is_received_and_answered) {
  TestServer server;
  server.route(Method::post, "/echo", echo).start();
  RawSocket socket(server.port());
  socket.send(post_head("/echo", "Content-Length: 8\r\n") + "half");
  ASSERT_TRUE(eventually([&] { return server.load().requests == 1; }));
  auto drained = server.drain(milliseconds{20000});
  socket.send("more");
  EXPECT_TRUE(socket.read_all().ends_with("halfmore"));
  EXPECT_TRUE(drained.get());
}

TEST(Drain, half_a_header_does_not_hold_it_up) {
  TestServer server;
  server.start();
  RawSocket socket(server.port());
  socket.send("GET / HT");
  ASSERT_TRUE(eventually([&] { return server.load().connections == 1; }));
  EXPECT_TRUE(server.drain(milliseconds{20000}).get());  // true: nothing was left to cut at the deadline
}

TEST(Drain, the_deadline_cuts_the_rest) {
  TestServer server;
  Gate gate(server);
  server.route(Method::get, "/late", gate.handler()).start();
  RawSocket busy(server.port());
  busy.send(get_request("/late"));
  ASSERT_TRUE(gate.entered());
  EXPECT_FALSE(server.drain(milliseconds{50}).get());
  EXPECT_EQ(busy.read_all(), "");
  gate.open();
  EXPECT_TRUE(eventually([&] { return server.load().connections == 0; }));
}

TEST(Drain, a_request_that_has_arrived_is_answered) {
  TestServer server;
  server.route(Method::get, "/hello", hello).start();
  // While the owner is busy, one request reaches an idle connection and another a connection in the backlog.
  RawSocket idle(server.port());
  idle.send(get_request("/hello"));
  idle.read_until("hello");
  std::promise<void> go;
  std::future<bool> drained;
  std::unique_ptr<RawSocket> waiting;
  boost::asio::post(server.context(), [&go] { go.get_future().wait(); });
  idle.send(get_request("/hello"));
  waiting = std::make_unique<RawSocket>(server.port());
  waiting->send(get_request("/hello"));
  drained = server.drain(milliseconds{20000});
  go.set_value();
  EXPECT_EQ(count(idle.read_all(), "200 OK"), 1);
  EXPECT_EQ(count(waiting->read_all(), "200 OK"), 1);
  EXPECT_TRUE(drained.get());
}

TEST(Destruction, with_connections_in_every_state) {
  TestServer server;
  Gate gate(server);
  server.route(Method::get, "/hello", hello)
      .route(Method::post, "/echo", echo)
      .route(Method::get, "/late", gate.handler())
      .start();
  RawSocket idle(server.port());
  idle.send(get_request("/hello"));
  idle.read_until("hello");
  RawSocket in_header(server.port());
  in_header.send("GET /");
  RawSocket in_body(server.port());
  in_body.send(post_head("/echo", "Content-Length: 10\r\n"));
  RawSocket in_handler(server.port());
  in_handler.send(get_request("/late"));
  ASSERT_TRUE(gate.entered());
  ASSERT_TRUE(eventually([&] { return server.load().requests == 2; }));
}  // the server goes, then the io_context with the coroutines that are left

}  // namespace
}  // namespace prompted::http
