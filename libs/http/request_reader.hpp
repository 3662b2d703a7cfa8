#pragma once
// Reads requests off a socket: Beast parses, behind this face. Internal to this library.
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

/// What a request's head says, as far as the server decides on it.
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

/// One per connection, with one buffer, so that pipelined requests are answered in order. Who waits arms the deadline.
class RequestReader {
 public:
  RequestReader(boost::asio::ip::tcp::socket& socket, std::size_t header_bytes);
  ~RequestReader();

  /// Bytes that were received and not used yet.
  std::size_t buffered() const;
  /// Waits for the first byte of a request. False: the peer has closed.
  boost::asio::awaitable<bool> first_byte();
  boost::asio::awaitable<ReadResult> head(RequestHead& head);
  /// Asked before more is read: `received` so far, and `held` in memory with what the next read may bring. False: no
  /// room.
  using Admit = std::function<bool(std::size_t received, std::size_t held)>;
  /// The body of the head read last; the arguments outlive the call.
  boost::asio::awaitable<ReadResult> body(const RequestHead& head, std::size_t limit, const Admit& admit,
                                          std::string& body);
  /// Throws away what comes, until the peer closes or `most` bytes have come.
  boost::asio::awaitable<void> discard(std::size_t most);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace prompted::http
