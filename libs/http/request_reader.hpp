#pragma once
// Reads requests from a socket; hides Beast's parser. Internal to this library.
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "http/message.hpp"

namespace prompted::http {

/// The parts of a request's head that the server needs.
struct RequestHead {
  Method method = Method::other;
  std::string target;  ///< as sent
  std::vector<Header> headers;
  bool http_1_0 = false;
  bool keep_alive = false;
  bool chunked = false;
  std::optional<std::uint64_t> content_length;

  bool has_body() const { return chunked || content_length.value_or(0) > 0; }
};

enum class ReadResult { ok, closed, malformed, header_too_large, body_too_large, over_budget };

/// One per connection, with one buffer, so that pipelined requests are served in order. The caller arms the deadline.
class RequestReader {
 public:
  RequestReader(boost::asio::ip::tcp::socket& socket, std::size_t header_bytes);
  ~RequestReader();

  /// Bytes received and not yet consumed.
  std::size_t buffered() const;
  /// Waits for the first byte of a request. False if the peer has closed.
  boost::asio::awaitable<bool> first_byte();
  boost::asio::awaitable<ReadResult> head(RequestHead& head);
  /// Called before each read with the bytes `received` so far and those `held` in memory, including the next read.
  /// Returns false if there is no room.
  using Admit = std::function<bool(std::size_t received, std::size_t held)>;
  /// Reads the body of the last head. The arguments outlive the call.
  boost::asio::awaitable<ReadResult> body(const RequestHead& head, std::size_t limit, const Admit& admit,
                                          std::string& body);
  /// Discards input until the peer closes or `most` bytes have arrived.
  boost::asio::awaitable<void> discard(std::size_t most);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace prompted::http
