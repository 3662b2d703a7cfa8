#include "http/client.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <map>

#include "base/error.hpp"
#include "base/owner.hpp"
#include "base/text.hpp"
#include "http/client_exchange.hpp"
#include "http/text.hpp"

namespace prompted::http {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

struct Idle {
  tcp::socket socket;
  base::TimePoint since;
};

/// Nothing to read: the server has neither closed the connection nor sent anything unasked.
bool still_quiet(tcp::socket& socket) {
  boost::system::error_code error;
  char byte = 0;
  socket.non_blocking(true, error);
  if (error) return false;
  socket.receive(asio::buffer(&byte, 1), tcp::socket::message_peek, error);
  return error == asio::error::would_block;
}

bool sends_body(const ClientRequest& request) {
  return !request.body.empty() || request.method == Method::post || request.method == Method::put ||
         request.method == Method::patch;
}

std::string request_head(const Endpoint& endpoint, const ClientRequest& request) {
  std::string head(to_string(request.method));
  head += ' ';
  head += endpoint.url.prefix;
  head += request.target;
  head += " HTTP/1.1\r\nHost: ";
  head += endpoint.url.host_header();
  head += "\r\nUser-Agent: prompted\r\n";
  if (sends_body(request)) {
    if (!request.body.empty()) head += "Content-Type: " + request.content_type + "\r\n";
    head += "Content-Length: " + std::to_string(request.body.size()) + "\r\n";
  }
  for (const Header& header : request.headers) {
    if (!header_is_safe(header.name, header.value))
      throw base::invalid("a request header contains a line break: " + header.name);
    head += header.name + ": " + header.value + "\r\n";
  }
  head += "\r\n";
  return head;
}

void check(const ClientRequest& request) {
  const bool blank = request.target.find(' ') != std::string::npos;
  if (blank || breaks_header(request.target))
    throw base::invalid("a request target must be percent-encoded: " + request.target);
  if (breaks_header(request.content_type)) throw base::invalid("a request header contains a line break: Content-Type");
}

}  // namespace

std::chrono::seconds ClientResponse::retry_after() const {
  return std::chrono::seconds{base::parse_whole<std::uint32_t>(header("Retry-After")).value_or(0)};
}

struct Client::Impl {
  Impl(asio::io_context& io, Options settings)
      : owner(io), options(settings), room(std::make_shared<ResponseRoom>(io, settings.budget)) {}

  static asio::awaitable<ClientResponse> send(std::shared_ptr<Impl> self, Endpoint endpoint, ClientRequest request,
                                              base::TimePoint deadline);
  bool take_idle(const std::string& key, ClientExchange& exchange);
  void keep(const std::string& key, tcp::socket socket);
  void drop_old();

  asio::io_context& owner;
  Options options;
  std::shared_ptr<ResponseRoom> room;
  std::map<std::string, std::vector<Idle>> idle;  ///< by Endpoint::label(); the newest is last
  std::vector<std::weak_ptr<ClientExchange>> running;
  [[no_unique_address]] base::OwnerThread thread;
};

bool Client::Impl::take_idle(const std::string& key, ClientExchange& exchange) {
  std::vector<Idle>& connections = idle[key];
  while (!connections.empty()) {
    tcp::socket socket = std::move(connections.back().socket);
    connections.pop_back();
    if (!still_quiet(socket)) continue;
    exchange.adopt(std::move(socket));
    return true;
  }
  return false;
}

void Client::Impl::keep(const std::string& key, tcp::socket socket) {
  std::vector<Idle>& connections = idle[key];
  if (connections.size() < options.idle_per_endpoint)
    connections.push_back(Idle{std::move(socket), base::Clock::now()});
}

void Client::Impl::drop_old() {
  const base::TimePoint oldest = base::Clock::now() - options.idle_age;
  for (auto entry = idle.begin(); entry != idle.end();) {
    std::erase_if(entry->second, [oldest](const Idle& connection) { return connection.since < oldest; });
    entry = entry->second.empty() ? idle.erase(entry) : std::next(entry);
  }
  std::erase_if(running, [](const std::weak_ptr<ClientExchange>& exchange) { return exchange.expired(); });
}

asio::awaitable<ClientResponse> Client::Impl::send(std::shared_ptr<Impl> self, Endpoint endpoint, ClientRequest request,
                                                   base::TimePoint deadline) {
  self->thread.check();
  check(request);
  const std::string head = request_head(endpoint, request);
  const std::string label = endpoint.label();
  const bool head_request = request.method == Method::head;
  bool may_reuse = true;
  for (;;) {
    if (base::Clock::now() >= deadline)
      throw base::Error(base::ErrorKind::expired, label + ": the request was not sent in time");
    self->drop_old();
    const auto exchange = std::make_shared<ClientExchange>(self->owner, label, deadline);
    self->running.push_back(exchange);
    const bool reused = may_reuse && self->take_idle(label, *exchange);
    bool connected = reused;
    if (!reused) connected = co_await exchange->connect(endpoint, self->options.connect_timeout);
    if (!connected) throw exchange->failure();

    std::optional<ClientResponse> response =
        co_await exchange->perform(head, request.body, head_request, self->options.response_bytes, self->room);
    if (response) {
      if (exchange->reusable()) self->keep(label, exchange->release());
      co_return std::move(*response);
    }
    // A server may close an idle connection just as the client sends: that says nothing about the request.
    if (!reused || !request.retryable || !exchange->died_silently()) throw exchange->failure();
    may_reuse = false;
  }
}

Client::Client(asio::io_context& owner) : Client(owner, Options()) {}
Client::Client(asio::io_context& owner, Options options) : impl_(std::make_shared<Impl>(owner, options)) {}
Client::~Client() { abort(); }

asio::awaitable<ClientResponse> Client::send(Endpoint endpoint, ClientRequest request, base::TimePoint deadline) {
  return Impl::send(impl_, std::move(endpoint), std::move(request), deadline);
}

void Client::abort() {
  impl_->thread.check();
  impl_->idle.clear();
  for (const std::weak_ptr<ClientExchange>& weak : impl_->running) {
    if (const auto exchange = weak.lock()) exchange->abort();
  }
  impl_->room->freed.notify();
}

}  // namespace prompted::http
