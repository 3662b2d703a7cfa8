#pragma once
// An HTTP/1.1 client on the owner's thread: a keep-alive pool per endpoint, deadlines, bounded answers.
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "http/message.hpp"
#include "http/url.hpp"

namespace prompted::http {

struct ClientRequest {
  Method method = Method::get;
  std::string target;  ///< "/v1/lease"; the URL's prefix is put before it
  std::vector<Header> headers;
  std::string body;
  std::string content_type = "application/json";  ///< sent when there is a body
  bool retryable = false;  ///< may be sent again on a new connection when a reused one died before the first
                           ///< byte of the answer (GET, or a request with a key)
};

struct ClientResponse {
  int status = 0;
  std::vector<Header> headers;
  std::string body;
  base::TimePoint began{};  ///< when its first bytes arrived; the body may have waited for room after that
  std::shared_ptr<const void>
      room;  ///< its part of Options::budget; kept for as long as the body, or what was made of it, is held

  std::string_view header(std::string_view name) const { return find_header(headers, name); }
  /// The seconds of Retry-After when it is there and a number (RFC 9110 section 10.2.3); else 0.
  std::chrono::seconds retry_after() const;
};

class Client {
 public:
  struct Options {
    std::size_t idle_per_endpoint = 8;
    std::chrono::seconds idle_age{30};  ///< below the server's idle_timeout
    std::chrono::milliseconds connect_timeout{2000};
    std::size_t response_bytes = 256 * 1024 * 1024;  ///< a larger answer is an error
    /// Maximum bytes of all response bodies that have a Content-Length. A body that finds no room is read once others
    /// are freed. A single one may exceed it.
    std::size_t budget = 256 * 1024 * 1024;
  };

  explicit Client(boost::asio::io_context& owner);
  Client(boost::asio::io_context& owner, Options options);
  ~Client();

  /// One exchange. Any status is a result. Throws base::Error: `unavailable` when no connection could be made or it
  /// broke
  /// (`detail` names the endpoint), `expired` at the deadline. After either the request may or may not have been
  /// handled. No retries but the one described at `repeatable`; loops belong to the caller, who knows what may be
  /// repeated.
  boost::asio::awaitable<ClientResponse> send(Endpoint endpoint, ClientRequest request, base::TimePoint deadline);

  /// Breaks every exchange in flight (each throws `unavailable`) and drops idle connections: for the end of a drain.
  void abort();

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace prompted::http
