// The second half of a connection: answers onto the socket.
#include <array>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <charconv>

#include "base/error.hpp"
#include "base/log.hpp"
#include "http/connection.hpp"
#include "http/problem.hpp"

namespace prompted::http {
namespace {

namespace asio = boost::asio;

/// After an early refusal the client may still be sending. It sees the answer only when we keep reading for a while: a
/// close with unread bytes would reset the connection and could destroy the answer on its way.
constexpr std::size_t linger_bytes = 32 * 1024 * 1024;
constexpr std::chrono::seconds linger_time{1};

bool bodiless(int status) { return status < 200 || status == 204 || status == 304; }

Framing framing_of(const Response& response, bool http_1_0) {
  if (bodiless(response.status)) return Framing::none;
  if (!response.source) return Framing::length;
  return http_1_0 ? Framing::until_close : Framing::chunked;
}

std::string chunk_head(std::size_t size) {
  std::array<char, 16> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), size, 16).ptr;
  return std::string(digits.data(), end) + "\r\n";
}

void log_broken_stream(std::string_view route, const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const base::Error& error) {
    log::warn("response cut off", {{"route", route}, {"error", error.what()}});
  } catch (const std::exception& error) {
    log::error("response cut off", {{"route", route}, {"error", error.what()}});
  } catch (...) {
    log::error("response cut off", {{"route", route}, {"error", "an exception of an unknown type"}});
  }
}

}  // namespace

// One system call for head and body. False: the peer has gone, or stalled until the watchdog closed the socket.
asio::awaitable<bool> Connection::send(std::string_view first, std::string_view second, std::string_view third) {
  const std::array<asio::const_buffer, 3> buffers{asio::buffer(first.data(), first.size()),
                                                  asio::buffer(second.data(), second.size()),
                                                  asio::buffer(third.data(), third.size())};
  watchdog_.arm_in(server_->limits.write_timeout);
  boost::system::error_code error;
  co_await asio::async_write(socket_, buffers, asio::redirect_error(asio::use_awaitable, error));
  watchdog_.rest();
  co_return !error;
}

// True: the whole response was handed to the socket.
asio::awaitable<bool> Connection::write_response(Exchange& x) {
  if (!head_is_safe(x.response)) {
    log::error("a response header holds a line break", {{"route", x.request.route}});
    x.response = problem(500, "internal error");
  }
  HeadFacts facts;
  facts.framing = framing_of(x.response, x.head.http_1_0);
  facts.length = x.response.body.size();
  facts.http_1_0 = x.head.http_1_0;
  x.keep_alive = x.keep_alive && !server_->draining && facts.framing != Framing::until_close;
  facts.keep_alive = x.keep_alive;
  const std::string head = response_head(x.response, facts, server_->date.now());

  const bool head_alone = x.request.method == Method::head || facts.framing == Framing::none;
  const std::string_view body = head_alone ? std::string_view{} : std::string_view(x.response.body);
  if (facts.framing != Framing::chunked || body.empty()) {
    const bool sent = co_await send(head, body);
    if (!sent) co_return false;
  } else {
    const std::string opening = head + chunk_head(body.size());
    const bool sent = co_await send(opening, body, "\r\n");
    if (!sent) co_return false;
  }
  if (head_alone || !x.response.source) co_return true;
  x.response.body = std::string();
  co_return co_await write_pieces(x, facts.framing == Framing::chunked);
}

asio::awaitable<bool> Connection::write_pieces(Exchange& x, bool chunked) {
  std::exception_ptr failure;
  try {
    for (;;) {
      const std::optional<std::string> piece = co_await x.response.source->next();
      if (!piece) break;
      if (piece->empty()) continue;  // an empty chunk would end the body
      const std::string opening = chunked ? chunk_head(piece->size()) : std::string();
      const std::string_view closing = chunked ? "\r\n" : "";
      const bool sent = co_await send(opening, *piece, closing);
      if (!sent) co_return false;
    }
  } catch (...) {
    failure = std::current_exception();
  }
  if (failure) {
    log_broken_stream(x.request.route, failure);
    // Without chunks only a reset tells the client that this is not the end of the body.
    boost::system::error_code ignored;
    if (!chunked) socket_.set_option(asio::socket_base::linger(true, 0), ignored);
    co_return false;
  }
  if (!chunked) co_return true;
  co_return co_await send("0\r\n\r\n");
}

asio::awaitable<void> Connection::linger() {
  boost::system::error_code ignored;
  socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  watchdog_.arm_in(linger_time);
  co_await reader_.discard(linger_bytes);
}

}  // namespace prompted::http
