// The second half of an exchange: request and response on a connection.
#include "http/client_exchange.hpp"

#include <array>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

namespace prompted::http {

namespace asio = boost::asio;
namespace beast = boost::beast;

namespace {

using Parser = beast::http::response_parser<beast::http::string_body>;

constexpr std::uint32_t header_bytes = 64 * 1024;
constexpr std::size_t first_read = 4 * 1024;
constexpr std::size_t body_read = 64 * 1024;

void restart(std::optional<Parser>& parser, bool head_request, std::size_t response_bytes) {
  parser.emplace();
  parser->header_limit(header_bytes);
  parser->body_limit(response_bytes);
  parser->eager(true);
  parser->skip(head_request);
}

/// Whether this is an interim response (100 Continue), which precedes the final one.
bool interim(const Parser& parser) { return parser.is_done() && parser.get().result_int() / 100 == 1; }

ClientResponse taken(Parser& parser) {
  auto message = parser.release();
  ClientResponse response;
  response.status = static_cast<int>(message.result_int());
  for (const auto& field : message) {
    response.headers.push_back(Header{std::string(field.name_string()), std::string(field.value())});
  }
  response.body = std::move(message.body());
  return response;
}

std::string text_of(const beast::error_code& error) {
  if (error == beast::http::error::body_limit) return "the response is too large";
  if (error == beast::http::error::partial_message) return "the response was cut off";
  return error.message();
}

struct TakenRoom {
  explicit TakenRoom(std::shared_ptr<ResponseRoom> from) : room(std::move(from)), share(room->budget) {}
  ~TakenRoom() {
    if (share.taken() == 0) return;
    share.give_back();
    room->freed.notify();
  }
  TakenRoom(const TakenRoom&) = delete;
  TakenRoom& operator=(const TakenRoom&) = delete;

  std::shared_ptr<ResponseRoom> room;
  base::ByteShare share;
};

}  // namespace

std::shared_ptr<const void> ResponseRoom::take(std::size_t bytes) {
  auto taken = std::make_shared<TakenRoom>(shared_from_this());
  if (!taken->share.grow_to_or_alone(bytes)) return nullptr;
  return taken;
}

ClientExchange::ClientExchange(asio::io_context& owner, std::string label, base::TimePoint deadline)
    : owner_(owner),
      label_(std::move(label)),
      deadline_(deadline),
      socket_(owner),
      woken_(owner),
      watchdog_(owner, [this] { time_is_up(); }) {}

void ClientExchange::end(Ending ending) {
  if (ending_ == Ending::none) ending_ = ending;
  beast::error_code ignored;
  socket_.close(ignored);
  woken_.notify();
}

void ClientExchange::time_is_up() {
  if (!address_only_) return end(Ending::deadline);
  beast::error_code ignored;
  socket_.close(ignored);
}

void ClientExchange::abort() {
  owner_thread_.check();
  end(Ending::aborted);
}

base::Error ClientExchange::failure() const {
  if (ending_ == Ending::deadline) return base::Error(base::ErrorKind::expired, label_ + " did not respond in time");
  if (ending_ == Ending::aborted) return base::Error(base::ErrorKind::unavailable, label_ + ": aborted at shutdown");
  return base::Error(base::ErrorKind::unavailable, label_ + ": " + error_);
}

asio::awaitable<std::optional<ClientResponse>> ClientExchange::perform(std::string_view head, std::string_view body,
                                                                       bool head_request, std::size_t response_bytes,
                                                                       std::shared_ptr<ResponseRoom> room) {
  owner_thread_.check();
  watchdog_.arm(deadline_);
  const std::array<asio::const_buffer, 2> buffers{asio::buffer(head.data(), head.size()),
                                                  asio::buffer(body.data(), body.size())};
  beast::error_code error;
  co_await asio::async_write(socket_, buffers, asio::redirect_error(asio::use_awaitable, error));
  const bool written = !error;
  if (error) error_ = error.message();
  // A server may respond (413, 503) and close before it has read everything: the response counts.
  std::optional<ClientResponse> response = co_await read_response(head_request, response_bytes, std::move(room));
  reusable_ = reusable_ && written;
  watchdog_.rest();
  co_return response;
}

asio::awaitable<std::optional<ClientResponse>> ClientExchange::read_response(bool head_request,
                                                                             std::size_t response_bytes,
                                                                             std::shared_ptr<ResponseRoom> room) {
  std::optional<ClientResponse> response;
  std::shared_ptr<const void> taken_room;
  base::TimePoint began{};
  std::optional<Parser> parser;
  restart(parser, head_request, response_bytes);
  beast::flat_buffer buffer;
  beast::error_code error;
  while (!parser->is_done()) {
    const std::uint64_t length = parser->is_header_done() ? parser->content_length().value_or(0) : 0;
    if (!taken_room && length > body_read) {
      taken_room = room->take(length);
      while (!taken_room && ending_ == Ending::none) {
        const bool freed = co_await room->freed.wait_until(deadline_);
        if (!freed) end(Ending::deadline);
        taken_room = room->take(length);
      }
      if (ending_ != Ending::none) co_return response;
    }
    const std::size_t size = parser->is_header_done() ? body_read : first_read;
    const std::size_t received =
        co_await socket_.async_read_some(buffer.prepare(size), asio::redirect_error(asio::use_awaitable, error));
    buffer.commit(received);
    if (received > 0 && !response_began_) began = base::Clock::now();
    response_began_ = response_began_ || received > 0;
    if (error == asio::error::eof && parser->got_some()) {
      parser->put_eof(error);
    } else {
      while (!error && buffer.size() > 0 && !parser->is_done()) {
        buffer.consume(parser->put(buffer.data(), error));
        if (!error && interim(*parser)) restart(parser, head_request, response_bytes);
      }
      if (error == beast::http::error::need_more) error = {};
    }
    if (error) {
      error_ = text_of(error);
      co_return response;
    }
  }
  // Bytes after the response belong to none of the client's requests: such a connection is out of sync.
  reusable_ = parser->keep_alive() && !parser->need_eof() && buffer.size() == 0;
  response = taken(*parser);
  response->room = std::move(taken_room);
  response->began = began;
  co_return response;
}

}  // namespace prompted::http
