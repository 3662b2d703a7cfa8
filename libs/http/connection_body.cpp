// Bodies whose length is unknown when the head is sent: streams, and bodies that are gzip-coded while they are sent.
#include <array>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <charconv>

#include "base/error.hpp"
#include "base/log.hpp"
#include "http/connection.hpp"

namespace prompted::http {
namespace {

namespace asio = boost::asio;

/// Bytes to encode before yielding to other connections: about half a millisecond.
constexpr std::size_t coded_slice = 64 * 1024;

std::string chunk_head(std::size_t size) {
  std::array<char, 16> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), size, 16).ptr;
  return std::string(digits.data(), end) + "\r\n";
}

void log_broken_stream(std::string_view route, const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const base::Error& error) {
    log::warn("response aborted", {{"route", route}, {"error", error.what()}});
  } catch (const std::exception& error) {
    log::error("response aborted", {{"route", route}, {"error", error.what()}});
  } catch (...) {
    log::error("response aborted", {{"route", route}, {"error", "unknown exception"}});
  }
}

}  // namespace

// Writes the whole body, and before it the head held in x.unsent.
asio::awaitable<bool> Connection::write_body(Exchange& x, bool chunked) {
  bool sent = false;
  if (x.response.body.empty()) {
    sent = co_await send(x, x.unsent);  // before calling the source, which may take long
    x.unsent.clear();
  } else {
    sent = co_await write_piece(x, x.response.body, chunked);
  }
  if (!sent) co_return false;
  std::string().swap(x.response.body);  // an assignment would keep the memory
  if (x.response.source) {
    const bool whole = co_await write_pieces(x, chunked);
    if (!whole) co_return false;
  }
  co_return co_await write_end(x, chunked);
}

asio::awaitable<bool> Connection::write_pieces(Exchange& x, bool chunked) {
  std::exception_ptr failure;
  try {
    for (;;) {
      const std::optional<std::string> piece = co_await x.response.source->next();
      if (!piece) break;
      const bool sent = co_await write_piece(x, *piece, chunked);
      if (!sent) co_return false;
    }
  } catch (...) {
    failure = std::current_exception();
  }
  if (!failure) co_return true;
  log_broken_stream(x.request.route, failure);
  co_return false;
}

asio::awaitable<bool> Connection::write_piece(Exchange& x, std::string_view piece, bool chunked) {
  if (piece.empty()) co_return true;  // an empty chunk would end the body
  if (!x.encoder) co_return co_await send_chunk(x, piece, chunked);
  co_return co_await write_coded(x, piece, chunked);
}

asio::awaitable<bool> Connection::write_coded(Exchange& x, std::string_view piece, bool chunked) {
  while (!piece.empty()) {
    const std::string_view slice = piece.substr(0, coded_slice);
    piece.remove_prefix(slice.size());
    const auto flush = piece.empty() ? GzipEncoder::Flush::sync : GzipEncoder::Flush::none;
    const std::string coded = x.encoder->add(slice, flush);
    if (coded.empty()) {
      co_await asio::post(socket_.get_executor(), asio::use_awaitable);
      continue;
    }
    const bool sent = co_await send_chunk(x, coded, chunked);
    if (!sent) co_return false;
  }
  co_return true;
}

asio::awaitable<bool> Connection::write_end(Exchange& x, bool chunked) {
  if (x.encoder) {
    const std::string coded = x.encoder->add({}, GzipEncoder::Flush::finish);
    const bool sent = co_await send_chunk(x, coded, chunked);
    if (!sent) co_return false;
  }
  if (!chunked) co_return true;
  co_return co_await send(x, "0\r\n\r\n");
}

asio::awaitable<bool> Connection::send_chunk(Exchange& x, std::string_view data, bool chunked) {
  std::string opening = std::move(x.unsent);
  x.unsent.clear();
  if (chunked) opening += chunk_head(data.size());
  co_return co_await send(x, opening, data, chunked ? "\r\n" : "");
}

}  // namespace prompted::http
