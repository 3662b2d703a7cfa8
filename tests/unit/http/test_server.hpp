#pragma once
// A libs/http server on its own thread, for tests that talk to it through real loopback sockets.
#include <gtest/gtest.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/signal.hpp"
#include "base/spawn.hpp"
#include "http/problem.hpp"
#include "http/server.hpp"
#include "support/http.hpp"
#include "support/wait.hpp"

namespace prompted::http {

using boost::asio::awaitable;
using test::eventually;
using test::RawSocket;

/// A copy of an Outcome's contents that outlives the call.
struct Seen {
  std::string route;
  Method method;
  int status;
};

class TestServer {
 public:
  explicit TestServer(Limits limits = Limits()) : limits_(limits) {}
  ~TestServer() {
    on_owner([this] { server_.reset(); });
    context_->stop();
    thread_.join();
  }
  TestServer(const TestServer&) = delete;

  TestServer& route(Method method, const std::string& pattern, Handler handler, std::size_t max_body = 1024 * 1024) {
    Route route;
    route.method = method;
    route.pattern = pattern;
    route.handler = std::move(handler);
    route.max_body = max_body;
    router_.add(std::move(route));
    return *this;
  }
  void start() {
    on_owner([this] {
      server_ = std::make_unique<Server>(*context_, std::move(router_), limits_, [this](const Outcome& outcome) {
        seen_.push_back(Seen{std::string(outcome.route), outcome.method, outcome.status});
      });
      server_->listen("127.0.0.1", 0);
      port_ = server_->port();
    });
  }

  /// Runs `f` on the server's thread and returns its result.
  template <class F>
  auto on_owner(F f) -> decltype(f()) {
    std::packaged_task<decltype(f())()> task(std::move(f));
    auto result = task.get_future();
    boost::asio::post(*context_, [&task] { task(); });
    return result.get();
  }
  std::future<bool> drain(std::chrono::milliseconds grace) {
    auto done = std::make_shared<std::promise<bool>>();
    auto result = done->get_future();
    boost::asio::post(
        *context_, [this, done, grace] { base::spawn(*context_, "drain", drained(done, base::Clock::now() + grace)); });
    return result;
  }

  boost::asio::io_context& context() { return *context_; }
  std::uint16_t port() const { return port_; }
  std::string url(const std::string& path) const { return "http://127.0.0.1:" + std::to_string(port_) + path; }
  Server::Load load() {
    return on_owner([this] { return server_->load(); });
  }
  std::vector<Seen> seen() {
    return on_owner([this] { return seen_; });
  }

 private:
  awaitable<void> drained(std::shared_ptr<std::promise<bool>> done, base::TimePoint deadline) {
    const bool in_time = co_await server_->drain(deadline);
    done->set_value(in_time);
  }

  void own() {
    {
      const auto work = boost::asio::make_work_guard(*context_);
      context_->run();
    }
    context_.reset();  // here: coroutines that end with it are the owner's
  }

  std::unique_ptr<boost::asio::io_context> context_ = std::make_unique<boost::asio::io_context>(1);
  Limits limits_;
  Router router_;
  std::unique_ptr<Server> server_;
  std::vector<Seen> seen_;
  std::uint16_t port_ = 0;
  std::thread thread_{[this] { own(); }};
};

inline awaitable<Response> hello(Request&) { co_return Response(200, "text/plain", "hello"); }
/// The body, or the path when there is none.
inline awaitable<Response> echo(Request& request) {
  co_return Response(200, "text/plain", request.body.empty() ? request.path : std::move(request.body));
}

/// A handler that responds when the test tells it to.
class Gate {
 public:
  explicit Gate(TestServer& server)
      : server_(server), state_(server.on_owner([&server] { return std::make_shared<State>(server.context()); })) {}
  Handler handler() { return std::bind_front(&Gate::handle, state_); }
  bool entered() {
    return eventually([this] { return server_.on_owner([this] { return state_->entered; }) > 0; });
  }
  void open() {
    server_.on_owner([this] {
      state_->open = true;
      state_->changed.notify();
    });
  }

 private:
  /// Shared with the handlers: a test may end while they wait.
  struct State {
    explicit State(boost::asio::io_context& owner) : changed(owner) {}
    base::Signal changed;
    int entered = 0;
    bool open = false;
  };
  static awaitable<Response> handle(std::shared_ptr<State> state, Request&) {
    ++state->entered;
    while (!state->open) co_await state->changed.wait();
    co_return Response(200, "text/plain", "late");
  }

  TestServer& server_;
  std::shared_ptr<State> state_;
};

inline int count(const std::string& text, const std::string& part) {
  int n = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size())) ++n;
  return n;
}

inline std::string get_request(const std::string& path, const std::string& headers = "") {
  return "GET " + path + " HTTP/1.1\r\nHost: test\r\n" + headers + "\r\n";
}
inline std::string post_head(const std::string& path, const std::string& headers) {
  return "POST " + path + " HTTP/1.1\r\nHost: test\r\n" + headers + "\r\n";
}

}  // namespace prompted::http
