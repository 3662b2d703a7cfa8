#include "http/server.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/error.hpp"
#include "base/log.hpp"
#include "base/spawn.hpp"
#include "http/connection.hpp"

namespace prompted::http {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

/// The pause after EMFILE and similar errors, so that other connections can end.
constexpr std::chrono::milliseconds accept_pause{100};

[[noreturn]] void cannot_listen(const std::string& address, std::uint16_t port, const error_code& error) {
  const std::string where = "port " + std::to_string(port);
  if (error == asio::error::address_in_use) throw base::Error(base::ErrorKind::unavailable, where + " is in use");
  throw base::Error(base::ErrorKind::unavailable, "cannot listen on " + address + " " + where + ": " + error.message());
}

void bind(tcp::acceptor& acceptor, const tcp::endpoint& endpoint, error_code& error) {
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error && endpoint.address().is_v6()) acceptor.set_option(asio::ip::v6_only(false), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  error_code ignored;
  if (error) acceptor.close(ignored);
}

bool ipv6_is_absent(const error_code& error) {
  return error == asio::error::address_family_not_supported || error == asio::error::no_protocol_option ||
         error == boost::system::errc::address_not_available || error == boost::system::errc::protocol_not_supported;
}

}  // namespace

std::size_t connection_bytes(const Limits& limits) {
  constexpr std::size_t coroutine = 8 * 1024;
  return 3 * limits.header_bytes + 2 * limits.small_message + coroutine;
}

struct Server::Impl {
  Impl(asio::io_context& owner, Router router, Limits limits, Observer observer, HostList hosts)
      : state(std::make_shared<ServerState>(owner, std::move(router), limits, std::move(observer), std::move(hosts))),
        acceptor(owner) {}

  static asio::awaitable<void> accept_loop(std::shared_ptr<Impl> self);
  void start(tcp::socket socket);
  void accept_backlog();
  std::size_t cut_all();
  void stop();
  bool full() const { return state->connections.size() >= state->limits.connections; }

  std::shared_ptr<ServerState> state;
  tcp::acceptor acceptor;
  bool accept_failing = false;
};

void Server::Impl::start(tcp::socket socket) {
  error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  // tcp(7): the kernel accepts more data as soon as less than this is unsent. Otherwise a slow client reading 40 kB/s
  // seems to stall for 30 s, until a third of a 4 MiB buffer is free, and a stalled client holds all of it.
  const int unsent = 128 * 1024;
  ::setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, sizeof unsent);
  auto connection = std::make_shared<Connection>(state, std::move(socket));
  base::spawn(state->owner, "http connection", Connection::run(std::move(connection)));
}

asio::awaitable<void> Server::Impl::accept_loop(std::shared_ptr<Impl> self) {
  while (self->acceptor.is_open()) {
    if (self->full()) {
      co_await self->state->changed.wait();
      continue;
    }
    error_code error;
    tcp::socket socket = co_await self->acceptor.async_accept(asio::redirect_error(asio::use_awaitable, error));
    if (!self->acceptor.is_open()) break;
    if (!error) {
      self->accept_failing = false;
      self->start(std::move(socket));
    } else if (error != asio::error::connection_aborted) {
      if (!self->accept_failing) log::warn("cannot accept connections", {{"error", error.message()}});
      self->accept_failing = true;
      co_await self->state->changed.wait_until(base::Clock::now() + accept_pause);
    }
  }
}

// A client in the kernel's backlog when the drain begins considers itself connected, so its request is served.
void Server::Impl::accept_backlog() {
  error_code error;
  acceptor.non_blocking(true, error);
  while (!error && !full()) {
    tcp::socket socket(state->owner);
    acceptor.accept(socket, error);
    if (!error) start(std::move(socket));
  }
}

std::size_t Server::Impl::cut_all() {
  for (Connection* connection : state->connections) connection->cut();
  return state->connections.size();
}

void Server::Impl::stop() {
  error_code ignored;
  acceptor.close(ignored);
  state->stopped = true;
  state->observer = nullptr;
  cut_all();
  state->changed.notify();
}

Server::Server(asio::io_context& owner, Router router, Limits limits, Observer observer, HostList hosts)
    : impl_(std::make_shared<Impl>(owner, std::move(router), limits, std::move(observer), std::move(hosts))) {}

// Suspended coroutines keep the state alive, but no longer call handlers or the observer.
Server::~Server() { impl_->stop(); }

void Server::listen(const std::string& address, std::uint16_t port) {
  impl_->state->thread.check();
  error_code error;
  const asio::ip::address parsed = asio::ip::make_address(address, error);
  if (error) cannot_listen(address, port, error);
  bind(impl_->acceptor, tcp::endpoint(parsed, port), error);
  if (error && parsed == asio::ip::address_v6::any() && ipv6_is_absent(error)) {
    bind(impl_->acceptor, tcp::endpoint(asio::ip::address_v4::any(), port), error);
  }
  if (error) cannot_listen(address, port, error);
  base::spawn(impl_->state->owner, "http accept", Impl::accept_loop(impl_));
}

std::uint16_t Server::port() const {
  error_code ignored;
  return impl_->acceptor.local_endpoint(ignored).port();
}

Server::Load Server::load() const {
  const ServerState& state = *impl_->state;
  state.thread.check();
  return Load{state.connections.size(), state.requests, state.bodies.taken, state.responses.taken};
}

asio::awaitable<bool> Server::drain(base::TimePoint deadline) {
  const std::shared_ptr<Impl> impl = impl_;
  ServerState& state = *impl->state;
  state.thread.check();
  state.draining = true;
  error_code ignored;
  if (impl->acceptor.is_open()) impl->accept_backlog();
  impl->acceptor.close(ignored);
  state.changed.notify();
  for (Connection* connection : state.connections) connection->drain();
  bool in_time = true;
  while (!state.connections.empty() && in_time) in_time = co_await state.changed.wait_until(deadline);
  co_return impl->cut_all() == 0;
}

}  // namespace prompted::http
