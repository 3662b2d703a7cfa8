#include "http/request_reader.hpp"

#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

namespace prompted::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;
using Parser = beast::http::request_parser<beast::http::string_body>;

constexpr std::size_t head_read = 4 * 1024;  ///< a typical request with a small body in one read
constexpr std::size_t first_body_read =
    12 * 1024;  ///< together with what came with the head, within Limits::small_message
constexpr std::size_t body_read = 64 * 1024;

Method method_of(beast::http::verb verb) {
  switch (verb) {
    case beast::http::verb::get:
      return Method::get;
    case beast::http::verb::head:
      return Method::head;
    case beast::http::verb::post:
      return Method::post;
    case beast::http::verb::put:
      return Method::put;
    case beast::http::verb::patch:
      return Method::patch;
    case beast::http::verb::delete_:
      return Method::del;
    case beast::http::verb::options:
      return Method::options;
    default:
      return Method::other;
  }
}

ReadResult result_of(const beast::error_code& error) {
  if (error == beast::http::error::header_limit) return ReadResult::header_too_large;
  if (error == beast::http::error::body_limit) return ReadResult::body_too_large;
  return ReadResult::malformed;
}

void copy_head(const Parser& parser, RequestHead& head) {
  const auto& message = parser.get();
  head.method = method_of(message.method());
  head.target.assign(message.target().data(), message.target().size());
  for (const auto& field : message)
    head.headers.push_back(Header{std::string(field.name_string()), std::string(field.value())});
  head.http_1_0 = message.version() < 11;
  head.keep_alive = parser.keep_alive();
  head.chunked = parser.chunked();
  if (const auto length = parser.content_length()) head.content_length = *length;
}

}  // namespace

struct RequestReader::Impl {
  Impl(tcp::socket& s, std::size_t bytes) : socket(s), header_bytes(bytes) {}

  /// False at the end of the stream, after an error, or when the deadline closed the socket.
  asio::awaitable<bool> receive(std::size_t size) {
    beast::error_code error;
    const std::size_t received =
        co_await socket.async_read_some(buffer.prepare(size), asio::redirect_error(asio::use_awaitable, error));
    buffer.commit(received);
    co_return !error;
  }
  /// Feeds the buffered bytes to the parser.
  beast::error_code parse() {
    beast::error_code error;
    const std::size_t used = parser->put(buffer.data(), error);
    buffer.consume(used);
    if (error == beast::http::error::need_more) error = {};
    return error;
  }
  asio::awaitable<ReadResult> sized_body(std::size_t length, const Admit& admit, std::string& body);
  asio::awaitable<ReadResult> chunked_body(std::size_t limit, const Admit& admit, std::string& body);

  tcp::socket& socket;
  std::size_t header_bytes;
  beast::flat_buffer buffer;
  std::optional<Parser> parser;  ///< a fresh one for each request
};

RequestReader::RequestReader(tcp::socket& socket, std::size_t header_bytes)
    : impl_(std::make_unique<Impl>(socket, header_bytes)) {}
RequestReader::~RequestReader() = default;

std::size_t RequestReader::buffered() const { return impl_->buffer.size(); }

asio::awaitable<bool> RequestReader::first_byte() {
  if (impl_->buffer.size() > 0) co_return true;
  // A large body may have grown the buffer; an idle connection keeps a small one.
  if (impl_->buffer.capacity() > 2 * head_read) impl_->buffer.shrink_to_fit();
  co_return co_await impl_->receive(head_read);
}

asio::awaitable<ReadResult> RequestReader::head(RequestHead& head) {
  Impl& r = *impl_;
  r.parser.emplace();
  r.parser->header_limit(static_cast<std::uint32_t>(r.header_bytes));
  r.parser->body_limit(boost::none);  // the route's limit is known after the head
  for (;;) {
    if (const beast::error_code error = r.parse()) co_return result_of(error);
    if (r.parser->is_header_done()) break;
    const bool received = co_await r.receive(head_read);
    if (received) continue;
    // A peer that has only closed its sending side still reads, and gets a response: its request was truncated.
    co_return r.socket.is_open() && r.parser->got_some() ? ReadResult::malformed : ReadResult::closed;
  }
  copy_head(*r.parser, head);
  co_return ReadResult::ok;
}

asio::awaitable<ReadResult> RequestReader::body(const RequestHead& head, std::size_t limit, const Admit& admit,
                                                std::string& body) {
  if (head.chunked) return impl_->chunked_body(limit, admit, body);
  return impl_->sized_body(head.content_length.value_or(0), admit, body);
}

// Reads straight into the string, without the parser's copy. Reserved pages use memory only once bytes arrive in them,
// so a half-sent body costs only the bytes sent.
asio::awaitable<ReadResult> RequestReader::Impl::sized_body(std::size_t length, const Admit& admit, std::string& body) {
  body.reserve(length);
  const std::size_t here = std::min(length, buffer.size());
  body.assign(static_cast<const char*>(buffer.data().data()), here);
  buffer.consume(here);
  while (body.size() < length) {
    const std::size_t have = body.size();
    const std::size_t next = std::min(length, have + (have < first_body_read ? first_body_read : body_read));
    if (!admit(have, next)) co_return ReadResult::over_budget;
    body.resize(next);
    beast::error_code error;
    const std::size_t received = co_await socket.async_read_some(asio::buffer(body.data() + have, body.size() - have),
                                                                 asio::redirect_error(asio::use_awaitable, error));
    body.resize(have + received);
    if (error) co_return ReadResult::closed;
  }
  co_return ReadResult::ok;
}

// Reads chunks straight into the string. Once the body is no longer small, the capacity is the route's limit: pages use
// memory only once bytes arrive in them, and growing copies nothing.
asio::awaitable<ReadResult> RequestReader::Impl::chunked_body(std::size_t limit, const Admit& admit,
                                                              std::string& body) {
  auto append = [&body, limit](std::uint64_t, auto chunk, auto&) -> std::size_t {
    if (body.size() + chunk.size() > first_body_read) body.reserve(limit);
    body.append(chunk.data(), chunk.size());
    return chunk.size();
  };
  parser->on_chunk_body(append);
  parser->body_limit(limit);
  parser->eager(true);
  for (;;) {
    if (!admit(body.size(), body.size() + buffer.size())) co_return ReadResult::over_budget;
    if (buffer.size() > 0) {
      if (const beast::error_code error = parse()) {
        co_return error == beast::http::error::body_limit ? ReadResult::body_too_large : ReadResult::malformed;
      }
    }
    if (parser->is_done()) break;
    // The unparsed rest is a chunk's head or the trailer, and neither is long in a valid request.
    if (buffer.size() > header_bytes) co_return ReadResult::malformed;
    const bool received = co_await receive(body.size() < first_body_read ? first_body_read : body_read);
    if (!received) co_return ReadResult::closed;
  }
  co_return ReadResult::ok;
}

asio::awaitable<void> RequestReader::discard(std::size_t most) {
  std::size_t seen = impl_->buffer.size();
  do {
    impl_->buffer.clear();
    const bool received = co_await impl_->receive(body_read);
    if (!received) co_return;
    seen += impl_->buffer.size();
  } while (seen < most);
}

}  // namespace prompted::http
