#include "http/client.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>

#include "base/error.hpp"
#include "unit/http/scripted_peer.hpp"
#include "unit/http/test_server.hpp"

namespace prompted::http {
namespace {

using std::chrono::milliseconds;

const std::string ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

Endpoint endpoint_at(std::uint16_t port) {
  Endpoint endpoint;
  endpoint.url.host = "127.0.0.1";
  endpoint.url.port = port;
  return endpoint;
}

ClientRequest request_for(const std::string& target) {
  ClientRequest request;
  request.target = target;
  return request;
}

class ClientTest : public testing::Test {
 protected:
  ClientResponse send(const Endpoint& endpoint, const ClientRequest& request,
                      milliseconds limit = milliseconds{10000}) {
    auto result = boost::asio::co_spawn(context, client->send(endpoint, request, base::Clock::now() + limit),
                                        boost::asio::use_future);
    context.restart();
    context.run();
    return result.get();
  }
  void use(const Client::Options& options) { client = std::make_unique<Client>(context, options); }
  void expect_failure(const Endpoint& endpoint, const ClientRequest& request, base::ErrorKind kind,
                      const std::string& text, milliseconds limit = milliseconds{10000}) {
    try {
      send(endpoint, request, limit);
      ADD_FAILURE() << "no exception";
    } catch (const base::Error& error) {
      EXPECT_EQ(error.kind(), kind);
      EXPECT_NE(std::string(error.what()).find(text), std::string::npos) << error.what();
    }
  }
  boost::asio::io_context context{1};
  std::unique_ptr<Client> client = std::make_unique<Client>(context);
};

awaitable<Response> tell(Request& request) {
  std::string text = std::string(to_string(request.method)) + ' ' + request.path + ' ' +
                     std::string(request.header("Host")) + ' ' + std::string(request.header("X-Key")) + ' ' +
                     std::string(request.header("Content-Type")) + ' ' + request.body;
  co_return Response(200, "text/plain", std::move(text));
}

TEST_F(ClientTest, sends_everything) {
  TestServer server;
  server.route(Method::post, "/base/v1/x", tell).start();
  Endpoint endpoint = endpoint_at(server.port());
  endpoint.url.prefix = "/base";
  ClientRequest request = request_for("/v1/x");
  request.method = Method::post;
  request.body = "{}";
  request.headers.push_back(Header{"X-Key", "k"});
  const ClientResponse response = send(endpoint, request);
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.header("server"), "prompted");
  EXPECT_EQ(response.body, "POST /base/v1/x 127.0.0.1:" + std::to_string(server.port()) + " k application/json {}");
}

TEST_F(ClientTest, reuses_connections) {
  TestServer server;
  server.route(Method::get, "/hello", hello).start();
  for (int i = 0; i < 5; ++i) EXPECT_EQ(send(endpoint_at(server.port()), request_for("/hello")).body, "hello");
  EXPECT_EQ(server.load().connections, 1u);
  EXPECT_EQ(send(endpoint_at(server.port()), request_for("/nope")).status, 404);
  ClientRequest head = request_for("/hello");
  head.method = Method::head;
  EXPECT_EQ(send(endpoint_at(server.port()), head).body, "");
  EXPECT_EQ(send(endpoint_at(server.port()), request_for("/hello")).body, "hello");
  EXPECT_EQ(server.load().connections, 1u);
}

TEST_F(ClientTest, drops_connections_that_are_old) {
  TestServer server;
  server.route(Method::get, "/hello", hello).start();
  Client::Options options;
  options.idle_age = std::chrono::seconds{0};
  use(options);
  for (int i = 0; i < 3; ++i) {
    send(endpoint_at(server.port()), request_for("/hello"));
    ASSERT_TRUE(eventually([deadline = base::Clock::now()] { return base::Clock::now() > deadline; }));
  }
  EXPECT_TRUE(eventually([&] { return server.load().connections == 1; }));
}

TEST_F(ClientTest, localhost_is_tried_at_every_address) {
  TestServer server;
  server.route(Method::get, "/hello", hello).start();
  Endpoint endpoint = endpoint_at(server.port());
  endpoint.url.host = "localhost";
  EXPECT_EQ(send(endpoint, request_for("/hello")).body, "hello");
}

TEST_F(ClientTest, reads_chunks_interim_answers_and_answers_that_end_with_the_connection) {
  ScriptedPeer peer(
      {[](PeerConnection& c) {
         c.read_head();
         c.send("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
         c.send("2\r\nde\r\n0\r\n\r\n");
         c.read_head();
         c.send("HTTP/1.1 503 Busy\r\nRetry-After: 7\r\n\r\nto the end");
       },
       [](PeerConnection& c) {
         c.read_head();
         c.send("HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nold");
       }});
  EXPECT_EQ(send(endpoint_at(peer.port()), request_for("/")).body, "abcde");
  const ClientResponse second = send(endpoint_at(peer.port()), request_for("/"));
  EXPECT_EQ(second.body, "to the end");
  EXPECT_EQ(second.retry_after(), std::chrono::seconds{7});
  EXPECT_EQ(send(endpoint_at(peer.port()), request_for("/")).body, "old");
}

TEST_F(ClientTest, retry_after_is_a_number_or_nothing) {
  ClientResponse response;
  EXPECT_EQ(response.retry_after().count(), 0);
  for (const auto& [text, seconds] : std::vector<std::pair<std::string, int>>{
           {"12", 12}, {"", 0}, {"-1", 0}, {"1.5", 0}, {"Fri, 31 Dec 1999 23:59:59 GMT", 0}, {"99999999999", 0}}) {
    response.headers.assign(1, Header{"retry-after", text});
    EXPECT_EQ(response.retry_after().count(), seconds) << text;
  }
}

// The peer reads the second request before it closes, so that no look at the socket could have warned the client.
std::vector<ScriptedPeer::Step> dies_when_reused() {
  return {[](PeerConnection& c) {
            c.read_head();
            c.send(ok);
            c.read_head();
          },
          [](PeerConnection& c) {
            c.read_head();
            c.send(ok);
          }};
}

TEST_F(ClientTest, repeats_once_when_a_reused_connection_dies) {
  ScriptedPeer peer(dies_when_reused());
  ClientRequest request = request_for("/");
  request.retryable = true;
  EXPECT_EQ(send(endpoint_at(peer.port()), request).body, "ok");
  EXPECT_EQ(send(endpoint_at(peer.port()), request).body, "ok");
}

TEST_F(ClientTest, repeats_nothing_that_is_not_repeatable) {
  ScriptedPeer peer(dies_when_reused());
  EXPECT_EQ(send(endpoint_at(peer.port()), request_for("/")).body, "ok");
  expect_failure(endpoint_at(peer.port()), request_for("/"), base::ErrorKind::unavailable, "127.0.0.1:");
}

TEST_F(ClientTest, repeats_nothing_on_a_new_connection_or_after_the_first_byte) {
  ScriptedPeer peer({[](PeerConnection& c) { c.read_head(); },
                     [](PeerConnection& c) {
                       c.read_head();
                       c.send(ok);
                       c.read_head();
                       c.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
                     }});
  ClientRequest request = request_for("/");
  request.retryable = true;
  expect_failure(endpoint_at(peer.port()), request, base::ErrorKind::unavailable, "End of file");
  EXPECT_EQ(send(endpoint_at(peer.port()), request).body, "ok");
  expect_failure(endpoint_at(peer.port()), request, base::ErrorKind::unavailable, "cut off");
}

TEST_F(ClientTest, sees_that_an_idle_connection_was_closed) {
  ScriptedPeer peer({[](PeerConnection& c) {
                       c.read_head();
                       c.send(ok + "bytes that belong to nothing");
                     },
                     [](PeerConnection& c) {
                       c.read_head();
                       c.send(ok);
                     }});
  EXPECT_EQ(send(endpoint_at(peer.port()), request_for("/")).body, "ok");
  EXPECT_EQ(send(endpoint_at(peer.port()), request_for("/")).body, "ok");
}

TEST_F(ClientTest, keeps_the_deadline_and_no_connection_that_missed_it) {
  TestServer server;
  Gate gate(server);
  server.route(Method::get, "/late", gate.handler()).route(Method::get, "/hello", hello).start();
  expect_failure(endpoint_at(server.port()), request_for("/late"), base::ErrorKind::expired, "in time",
                 milliseconds{150});
  EXPECT_EQ(send(endpoint_at(server.port()), request_for("/hello")).body, "hello");
  gate.open();
  expect_failure(endpoint_at(server.port()), request_for("/late"), base::ErrorKind::expired, "in time",
                 milliseconds{-1});
}

TEST_F(ClientTest, says_who_is_not_there) {
  std::uint16_t port = 0;
  { port = ScriptedPeer({}).port(); }
  expect_failure(endpoint_at(port), request_for("/"), base::ErrorKind::unavailable,
                 "127.0.0.1:" + std::to_string(port) + ": Connection refused");
  Endpoint nowhere = endpoint_at(port);
  nowhere.url.host = "nowhere.invalid";
  expect_failure(nowhere, request_for("/"), base::ErrorKind::unavailable, "nowhere.invalid");
}

TEST_F(ClientTest, gives_up_connecting) {
  Client::Options options;
  options.connect_timeout = milliseconds{100};
  use(options);
  // A listener whose backlog is full answers no further connection.
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ASSERT_EQ(::bind(listener, reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(::listen(listener, 0), 0);
  ASSERT_EQ(::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size), 0);
  RawSocket filler(ntohs(address.sin_port));
  expect_failure(endpoint_at(ntohs(address.sin_port)), request_for("/"), base::ErrorKind::unavailable, "timed out");
  ::close(listener);
}

TEST_F(ClientTest, bounds_the_answer) {
  TestServer server;
  server.route(Method::get, "/hello", hello).start();
  Client::Options options;
  options.response_bytes = 4;
  use(options);
  expect_failure(endpoint_at(server.port()), request_for("/hello"), base::ErrorKind::unavailable, "too large");
}

TEST_F(ClientTest, refuses_line_breaks) {
  ClientRequest request = request_for("/");
  request.headers.push_back(Header{"X", "a\r\nb"});
  expect_failure(endpoint_at(1), request, base::ErrorKind::invalid, "line break");
  expect_failure(endpoint_at(1), request_for("/a b"), base::ErrorKind::invalid, "percent-encoded");
}

TEST_F(ClientTest, sees_an_early_refusal_of_a_large_body) {
  TestServer server;
  server.route(Method::post, "/echo", echo, 1024).start();
  ClientRequest request = request_for("/echo");
  request.method = Method::post;
  request.body.assign(8 * 1024 * 1024, 'x');
  EXPECT_EQ(send(endpoint_at(server.port()), request).status, 413);
}

TEST_F(ClientTest, abort_ends_what_is_in_flight) {
  TestServer server;
  Gate gate(server);
  server.route(Method::get, "/late", gate.handler()).route(Method::get, "/hello", hello).start();
  std::thread aborter([&] {
    ASSERT_TRUE(gate.entered());
    boost::asio::post(context, [this] { client->abort(); });
  });
  expect_failure(endpoint_at(server.port()), request_for("/late"), base::ErrorKind::unavailable, "shutdown");
  aborter.join();
  EXPECT_EQ(send(endpoint_at(server.port()), request_for("/hello")).body, "hello");
  gate.open();
}

awaitable<Response> large(Request&) {
  Response response(200, "text/plain", std::string(200 * 1024, 'x'));
  co_return response;
}

TEST_F(ClientTest, a_response_waits_for_the_room_of_others) {
  TestServer server;
  server.route(Method::get, "/large", large).route(Method::get, "/hello", hello).start();
  Client::Options options;
  options.budget = 300 * 1024;
  use(options);
  const Endpoint endpoint = endpoint_at(server.port());
  auto first = std::make_unique<ClientResponse>(send(endpoint, request_for("/large")));
  EXPECT_EQ(first->body.size(), 200u * 1024);
  EXPECT_GT(first->began, base::TimePoint{});
  expect_failure(endpoint, request_for("/large"), base::ErrorKind::expired, "in time", milliseconds{200});
  EXPECT_EQ(send(endpoint, request_for("/hello")).body, "hello");  // a small one needs none

  auto second = boost::asio::co_spawn(
      context, client->send(endpoint, request_for("/large"), base::Clock::now() + std::chrono::seconds{20}),
      boost::asio::use_future);
  context.restart();
  // The server has sent what the sockets take and has no more requests: the client waits.
  while (server.load().requests == 0 && server.seen().size() < 4) context.run_one_for(milliseconds{1});
  first.reset();
  context.run();
  EXPECT_EQ(second.get().body.size(), 200u * 1024);
}

TEST_F(ClientTest, the_only_response_may_exceed_the_budget) {
  TestServer server;
  server.route(Method::get, "/large", large).start();
  Client::Options options;
  options.budget = 1024;
  use(options);
  EXPECT_EQ(send(endpoint_at(server.port()), request_for("/large")).body.size(), 200u * 1024);
}

TEST_F(ClientTest, abort_ends_a_wait_for_room) {
  TestServer server;
  server.route(Method::get, "/large", large).start();
  Client::Options options;
  options.budget = 300 * 1024;
  use(options);
  const Endpoint endpoint = endpoint_at(server.port());
  const ClientResponse first = send(endpoint, request_for("/large"));
  auto second = boost::asio::co_spawn(context, client->send(endpoint, request_for("/large"), base::never),
                                      boost::asio::use_future);
  context.restart();
  while (server.load().requests == 0 && server.seen().size() < 2) context.run_one_for(milliseconds{1});
  while (context.poll() > 0) {
  }
  client->abort();
  context.run();
  EXPECT_THROW(second.get(), base::Error);
}

TEST_F(ClientTest, may_go_while_a_request_is_in_flight) {
  TestServer server;
  Gate gate(server);
  server.route(Method::get, "/late", gate.handler()).start();
  auto result = boost::asio::co_spawn(
      context, client->send(endpoint_at(server.port()), request_for("/late"), base::never), boost::asio::use_future);
  while (server.load().requests == 0) context.run_one_for(milliseconds{10});
  client.reset();
  context.run();
  EXPECT_THROW(result.get(), base::Error);
  gate.open();
}

}  // namespace
}  // namespace prompted::http
