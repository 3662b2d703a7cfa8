#include "http/connection.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "base/log.hpp"
#include "http/problem.hpp"
#include "http/request_target.hpp"
#include "http/text.hpp"

namespace prompted::http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

/// How long a drain waits for a request head that has begun to arrive.
constexpr std::chrono::seconds head_grace_in_drain{1};

Response too_busy() {
  Response response = problem(503, "too many request bodies at once");
  response.headers.push_back(Header{"Retry-After", "1"});
  return response;
}

Response too_large(const Route& route) {
  return problem(413, "the body is larger than " + std::to_string(route.max_body) + " bytes");
}

Response too_many_responses() {
  Response response = problem(503, "too many responses are waiting for slow clients");
  response.headers.push_back(Header{"Retry-After", "1"});
  return response;
}

Response foreign_host(std::string_view host) {
  return problem(421, "the host " + std::string(host.substr(0, 255)) + " is not allowed: add it to ALLOWED_HOSTS");
}

bool is_repeated(const std::vector<Header>& headers, std::string_view name) {
  const auto same = [name](const Header& header) { return same_without_case(header.name, name); };
  return std::count_if(headers.begin(), headers.end(), same) > 1;
}

bool changes_something(Method method) { return method != Method::get && method != Method::head; }

Response unknown_route(const std::string& allow) {
  if (allow.empty()) return problem(404, "no such path");
  Response response = problem(405, "method not allowed");
  response.headers.push_back(Header{"Allow", allow});
  return response;
}

}  // namespace

Connection::Connection(std::shared_ptr<ServerState> server, tcp::socket socket)
    : server_(std::move(server)),
      socket_(std::move(socket)),
      watchdog_(server_->owner, [this] { cut(); }),
      reader_(socket_, server_->limits.header_bytes) {
  server_->connections.insert(this);
}

Connection::~Connection() {
  server_->connections.erase(this);
  server_->changed.notify();
}

void Connection::cut() {
  server_->thread.check();
  boost::system::error_code ignored;
  if (cut_resets_) socket_.set_option(asio::socket_base::linger(true, 0), ignored);
  socket_.close(ignored);
}

void Connection::drain() {
  server_->thread.check();
  if (phase_ == Phase::head) return watchdog_.hasten(base::Clock::now() + head_grace_in_drain);
  if (phase_ == Phase::busy || request_has_arrived()) return;
  // Not cut(): a read that has completed but not resumed yet still brings its request.
  boost::system::error_code ignored;
  socket_.cancel(ignored);
}

/// Whether the end of the client's stream has arrived with nothing before it: it has hung up, or sends no more
/// requests.
bool Connection::client_gone() {
  if (!socket_.is_open()) return true;
  char next = 0;
  const auto got = ::recv(socket_.native_handle(), &next, 1, MSG_PEEK | MSG_DONTWAIT);
  return reader_.buffered() == 0 && (got == 0 || (got < 0 && errno != EAGAIN && errno != EWOULDBLOCK));
}

bool Connection::request_has_arrived() const {
  boost::system::error_code ignored;
  return reader_.buffered() > 0 || socket_.available(ignored) > 0;
}

asio::awaitable<void> Connection::run(std::shared_ptr<Connection> self) {
  self->server_->thread.check();
  try {
    bool next = true;
    while (next) next = co_await self->exchange();
  } catch (const std::exception& error) {
    log::error("connection failed", {{"error", error.what()}});
  }
  self->watchdog_.rest();
  self->cut();
}

// True if the connection may carry another request.
asio::awaitable<bool> Connection::exchange() {
  phase_ = Phase::idle;
  if (server_->draining && !request_has_arrived()) co_return false;
  watchdog_.arm_in(server_->limits.idle_timeout);
  const bool begun = co_await reader_.first_byte();
  if (!begun) co_return false;
  phase_ = Phase::head;
  watchdog_.arm_in(server_->draining ? head_grace_in_drain : server_->limits.header_timeout);

  Exchange x(*server_);
  const ReadResult head_result = co_await reader_.head(x.head);
  if (head_result == ReadResult::closed) co_return false;
  phase_ = Phase::busy;
  watchdog_.rest();
  x.begin();
  co_await response(x, head_result);
  bool whole = false;
  const bool reachable = socket_.is_open() && !server_->stopped;
  if (reachable) whole = co_await write_response(x);
  if (!whole && x.response.unsent) x.response.unsent();
  if (!reachable) co_return false;
  report(x);
  if (!whole) co_return false;
  if (x.keep_alive) co_return true;
  if (x.unread_body || reader_.buffered() > 0) co_await linger();
  co_return false;
}

/// Sets the response, and keep_alive if the connection is still in sync with the client.
asio::awaitable<void> Connection::response(Exchange& x, ReadResult head_result) {
  if (head_result != ReadResult::ok) {
    x.unread_body = true;
    x.response = head_result == ReadResult::header_too_large ? problem(431, "the request's header is too large")
                                                             : problem(400, "malformed HTTP request");
    co_return;
  }
  x.request.method = x.head.method;
  x.request.client_gone = [this] { return client_gone(); };
  x.request.headers = std::move(x.head.headers);
  std::optional<Response> refusal = admit(x);
  if (!refusal && x.head.has_body()) refusal = co_await receive_body(x);
  else if (refusal) x.unread_body = x.head.has_body();

  if (refusal) x.response = std::move(*refusal);
  else if (socket_.is_open() && !server_->stopped) x.response = co_await call_handler(x);
  hold_response(x);
  x.keep_alive = x.head.keep_alive && !x.unread_body;
}

/// Checks that need no byte of the body. nullopt admits the request.
std::optional<Response> Connection::admit(Exchange& x) {
  const Request& request = x.request;
  const std::string_view host = request.header("Host");
  if (!x.head.http_1_0 && host.empty()) return problem(400, "the Host header is missing");
  if (is_repeated(request.headers, "Host")) return problem(400, "more than one Host header");
  if (!host.empty() && host != allowed_host_) {
    if (!server_->hosts.allows(host)) return foreign_host(host);
    allowed_host_ = host;
  }
  const std::string_view coding = request.header("Transfer-Encoding");
  if (!coding.empty() && !same_without_case(coding, "chunked")) {
    // The end of its body is unknown, so what follows cannot be read as a request.
    x.head.chunked = true;
    return problem(501, "the transfer coding is not supported");
  }

  const RequestTarget target = split_target(x.head.target);
  Router::Match match = server_->router.match(request.method, target.path);
  x.route = match.route;
  if (x.route == nullptr) return unknown_route(match.allow);
  fill(x.request, target);
  x.request.params = std::move(match.params);
  x.request.route = x.route->pattern;
  if (changes_something(request.method) && from_another_site(request))
    return problem(403, "requests from pages of other sites are rejected");

  const std::string_view expectation = request.header("Expect");
  if (!expectation.empty() && !same_without_case(expectation, "100-continue")) {
    return problem(417, "the expectation is not supported");
  }
  const std::uint64_t length = x.head.content_length.value_or(0);
  if (length > x.route->max_body) return too_large(*x.route);
  return std::nullopt;
}

asio::awaitable<std::optional<Response>> Connection::receive_body(Exchange& x) {
  const Limits& limits = server_->limits;
  const base::TimePoint end = base::Clock::now() + limits.body_timeout;
  watchdog_.arm(end);
  if (!x.request.header("Expect").empty() && !x.head.http_1_0 && reader_.buffered() == 0) {
    co_await send(x, "HTTP/1.1 100 Continue\r\n\r\n");
    watchdog_.arm(end);
  }
  std::size_t due = 0;  // bytes required by the end of the stretch
  const RequestReader::Admit admit_more = [&](std::size_t received, std::size_t held) {
    if (held <= limits.small_message) return true;
    if (received >= due) {
      due = received + limits.body_progress;
      watchdog_.arm(std::min(end, base::Clock::now() + limits.body_stretch));
    }
    return x.body_share.grow_to(held);
  };
  const ReadResult result = co_await reader_.body(x.head, x.route->max_body, admit_more, x.request.body);
  watchdog_.rest();
  x.request_bytes = x.request.body.size();
  std::optional<Response> refusal;
  if (result == ReadResult::ok) co_return refusal;
  x.unread_body = true;
  std::string().swap(x.request.body);  // at once: others may need the room while this client gets its response
  x.body_share.give_back();
  if (result == ReadResult::body_too_large) refusal = too_large(*x.route);
  else if (result == ReadResult::over_budget) refusal = too_busy();
  else refusal = problem(400, "malformed HTTP request body");
  co_return refusal;
}

/// Counts the response against the budget: it stays in memory until the client has read it.
void Connection::hold_response(Exchange& x) {
  Response& response = x.response;
  const std::size_t body = response.body.empty() ? 0 : response.body.capacity();
  const std::size_t bytes = body + (response.source ? server_->limits.stream_share : 0);
  if (bytes <= server_->limits.small_message || x.response_share.grow_to_or_alone(bytes)) return;
  if (response.unsent) response.unsent();
  response = too_many_responses();
}

asio::awaitable<Response> Connection::call_handler(Exchange& x) {
  Response response;
  try {
    response = co_await x.route->handler(x.request);
  } catch (...) {
    response = problem(std::current_exception());
  }
  co_return response;
}

void Connection::report(const Exchange& x) const {
  if (!server_->observer) return;
  const base::Duration took = base::Clock::now() - x.request.arrived;
  server_->observer(Outcome{x.request.route, x.request.method, x.response.status, took, x.request_bytes, x.sent_bytes,
                            &x.response.notes});
}

}  // namespace prompted::http
