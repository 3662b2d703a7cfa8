// The first half of an exchange: name look-up and connecting.
#include <algorithm>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "http/client_exchange.hpp"

namespace prompted::http {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

/// The state of one look-up. It may outlive its exchange, because getaddrinfo cannot be interrupted.
struct LookUp {
  explicit LookUp(asio::io_context& owner) : resolver(owner) {}
  tcp::resolver resolver;
  bool done = false;
  error_code error;
  std::vector<tcp::endpoint> addresses;
};

}  // namespace

asio::awaitable<std::vector<tcp::endpoint>> ClientExchange::look_up(const Endpoint& endpoint) {
  std::vector<tcp::endpoint> addresses;
  error_code error;
  const std::string& host = endpoint.address.empty() ? endpoint.url.host : endpoint.address;
  const asio::ip::address numeric = asio::ip::make_address(host, error);
  if (!error) {
    addresses.emplace_back(numeric, endpoint.url.port);
    co_return addresses;
  }
  const auto look_up = std::make_shared<LookUp>(owner_);
  look_up->resolver.async_resolve(
      host, std::to_string(endpoint.url.port),
      [look_up, weak = weak_from_this()](const error_code& failed, const tcp::resolver::results_type& found) {
        look_up->done = true;
        look_up->error = failed;
        for (const auto& entry : found) look_up->addresses.push_back(entry.endpoint());
        if (const auto self = weak.lock()) self->woken_.notify();
      });
  watchdog_.arm(deadline_);
  while (!look_up->done && ending_ == Ending::none) co_await woken_.wait();
  if (look_up->error) error_ = look_up->error.message();
  co_return look_up->addresses;
}

asio::awaitable<bool> ClientExchange::connect(const Endpoint& endpoint, std::chrono::milliseconds timeout) {
  owner_thread_.check();
  const std::vector<tcp::endpoint> addresses = co_await look_up(endpoint);
  for (const tcp::endpoint& address : addresses) {
    if (ending_ != Ending::none) break;
    const bool connected = co_await connect_to(address, timeout);
    if (connected) co_return true;
  }
  co_return false;
}

asio::awaitable<bool> ClientExchange::connect_to(tcp::endpoint address, std::chrono::milliseconds timeout) {
  error_.clear();
  error_code error;
  socket_.close(error);
  socket_.open(address.protocol(), error);
  if (!error) {
    const base::TimePoint connect_deadline = base::Clock::now() + timeout;
    address_only_ = connect_deadline < deadline_;
    watchdog_.arm(std::min(connect_deadline, deadline_));
    co_await socket_.async_connect(address, asio::redirect_error(asio::use_awaitable, error));
    if (error && address_only_ && !socket_.is_open()) error = asio::error::timed_out;
    address_only_ = false;
    watchdog_.rest();
  }
  if (error) error_ = error.message();
  error_code ignored;
  socket_.set_option(tcp::no_delay(true), ignored);
  co_return !error;
}

}  // namespace prompted::http
