#pragma once
// An HTTP/1.1 client on the owner's thread: a keep-alive pool per endpoint, deadlines, bounded responses.
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
  std::string target;  ///< "/v1/lease"; appended to the URL's prefix
  std::vector<Header> headers;
  std::string body;
  std::string content_type = "application/json";  ///< sent when there is a body
  bool retryable = false;  ///< retried on a new connection if a reused one broke before the first byte of the response
                           ///< (for GET, or a request with a key)
};

struct ClientResponse {
  int status = 0;
  std::vector<Header> headers;
  std::string body;
  base::TimePoint began{};  ///< when its first bytes arrived; the body may have waited for budget after that
  std::shared_ptr<const void>
      room;  ///< its share of Options::budget; keep it as long as the body or anything built from it

  std::string_view header(std::string_view name) const { return find_header(headers, name); }
  /// Retry-After in seconds (RFC 9110 section 10.2.3); 0 if it is absent or not a number.
  std::chrono::seconds retry_after() const;
};

class Client {
 public:
  struct Options {
    std::size_t idle_per_endpoint = 8;
    std::chrono::seconds idle_age{30};  ///< below the server's idle_timeout
    std::chrono::milliseconds connect_timeout{2000};
    std::size_t response_bytes = 256 * 1024 * 1024;  ///< a larger response is an error
    /// Maximum bytes of all response bodies that have a Content-Length. A body that finds no room waits until others
    /// are freed. A single body may exceed the budget.
    std::size_t budget = 256 * 1024 * 1024;
  };

  explicit Client(boost::asio::io_context& owner);
  Client(boost::asio::io_context& owner, Options options);
  ~Client();

  /// Sends one request and returns its response, whatever the status. Throws base::Error: `unavailable` if connecting
  /// failed or the connection broke (the detail names the endpoint), `expired` at the deadline. In both cases the
  /// server may have handled the request. Retries only as described at `retryable`; any other retry is up to the
  /// caller, who knows what is idempotent.
  boost::asio::awaitable<ClientResponse> send(Endpoint endpoint, ClientRequest request, base::TimePoint deadline);

  /// Aborts every exchange in flight (each throws `unavailable`) and drops idle connections. For the end of a drain.
  void abort();

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace prompted::http
