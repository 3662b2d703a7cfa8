// The second half of a connection: writes a response's head, with its coding and framing, to the socket.
#include <array>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/buffers_suffix.hpp>

#include "base/log.hpp"
#include "http/connection.hpp"
#include "http/negotiation.hpp"
#include "http/problem.hpp"
#include "http/text.hpp"

namespace prompted::http {
namespace {

namespace asio = boost::asio;

/// After an early rejection the client may still be sending. The server keeps reading for a while, because closing with
/// unread bytes would reset the connection and could destroy the response in transit.
constexpr std::size_t linger_bytes = 32 * 1024 * 1024;
constexpr std::chrono::seconds linger_time{1};

/// Smaller bodies are not encoded: it saves no packet.
constexpr std::size_t least_coded = 1024;
/// Larger bodies are encoded while they are sent: the owner's thread has other connections.
constexpr std::size_t most_coded_at_once = 64 * 1024;
/// Maximum concurrent encoders; further responses are sent uncoded.
constexpr std::size_t most_encoders = 64;
constexpr std::size_t encoder_bytes = 260 * 1024;  ///< of zlib's state

bool bodiless(int status) { return status < 200 || status == 204 || status == 304; }

void add_vary(std::vector<Header>& headers) {
  constexpr const char* name = "Accept-Encoding";
  for (Header& header : headers) {
    if (!same_without_case(header.name, "Vary")) continue;
    if (header.value.find(name) == std::string::npos) header.value += std::string(", ") + name;
    return;
  }
  headers.push_back(Header{"Vary", name});
}

}  // namespace

// Sends head and body in one system call as long as the peer keeps up. False if the peer has gone, or read nothing
// until the watchdog closed the socket.
asio::awaitable<bool> Connection::send(Exchange& x, std::string_view first, std::string_view second,
                                       std::string_view third) {
  const std::array<asio::const_buffer, 3> buffers{asio::buffer(first.data(), first.size()),
                                                  asio::buffer(second.data(), second.size()),
                                                  asio::buffer(third.data(), third.size())};
  boost::beast::buffers_suffix<std::array<asio::const_buffer, 3>> rest(buffers);
  boost::system::error_code error;
  while (asio::buffer_size(rest) > 0 && !error) {
    watchdog_.arm_in(server_->limits.write_timeout);
    const std::size_t sent = co_await socket_.async_write_some(rest, asio::redirect_error(asio::use_awaitable, error));
    rest.consume(sent);
    x.sent_bytes += sent;
  }
  watchdog_.rest();
  co_return !error;
}

// Sets x.encoder and its headers if the response is to be gzip-coded.
void Connection::choose_coding(Exchange& x) {
  Response& response = x.response;
  // A 304 stands for a response that may have been coded, so it needs the same Vary.
  if (response.status == 304) return add_vary(response.headers);
  const bool long_enough = response.source || response.body.size() >= least_coded;
  if (!long_enough || bodiless(response.status) || !compressible(response.content_type)) return;
  add_vary(response.headers);
  if (!find_header(response.headers, "Content-Encoding").empty() || server_->encoders >= most_encoders) return;
  if (!prefers_gzip(list_header(x.request.headers, "Accept-Encoding"))) return;
  const bool lasting = response.source || response.body.size() > most_coded_at_once;
  if (lasting && !x.response_share.grow_to(x.response_share.taken() + encoder_bytes)) return;
  response.headers.push_back(Header{"Content-Encoding", "gzip"});
  x.encoder = std::make_unique<GzipEncoder>();
  ++server_->encoders;
}

Framing Connection::choose_framing(Exchange& x) {
  if (bodiless(x.response.status)) return Framing::none;
  // The length of the coded body is unknown, and RFC 9110 section 8.6 permits no other Content-Length.
  if (x.request.method == Method::head && x.encoder) return Framing::none;
  const bool at_once = !x.response.source && (!x.encoder || x.response.body.size() <= most_coded_at_once);
  if (!at_once) return x.head.http_1_0 ? Framing::until_close : Framing::chunked;
  if (x.encoder) {
    x.response.body = x.encoder->add(x.response.body, GzipEncoder::Flush::finish);
    x.encoder.reset();
    --server_->encoders;
  }
  return Framing::length;
}

// True if the whole response was handed to the socket.
asio::awaitable<bool> Connection::write_response(Exchange& x) {
  if (!head_is_safe(x.response)) {
    log::error("response header contains a line break", {{"route", x.request.route}});
    x.response = problem(500, "internal error");
  }
  choose_coding(x);
  HeadFacts facts;
  facts.framing = choose_framing(x);
  facts.length = x.response.body.size();
  facts.http_1_0 = x.head.http_1_0;
  x.keep_alive = x.keep_alive && !server_->draining && facts.framing != Framing::until_close;
  facts.keep_alive = x.keep_alive;
  x.unsent = response_head(x.response, facts, server_->date.now());

  const bool head_alone = x.request.method == Method::head || facts.framing == Framing::none;
  if (head_alone) co_return co_await send(x, x.unsent);
  if (facts.framing == Framing::length) co_return co_await send(x, x.unsent, x.response.body);
  cut_resets_ = facts.framing == Framing::until_close;
  const bool whole = co_await write_body(x, facts.framing == Framing::chunked);
  cut_resets_ = cut_resets_ && !whole;
  co_return whole;
}

asio::awaitable<void> Connection::linger() {
  boost::system::error_code ignored;
  socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  watchdog_.arm_in(linger_time);
  co_await reader_.discard(linger_bytes);
}

}  // namespace prompted::http
