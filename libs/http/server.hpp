#pragma once
// An HTTP/1.1 server on the owner's thread: keep-alive, pipelining in order, streaming responses, limits, drain.
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "http/router.hpp"

namespace prompted::http {

struct Limits {
  std::size_t connections = 1024;               ///< above it nothing is accepted: the kernel's backlog waits
  std::size_t body_budget = 256 * 1024 * 1024;  ///< bytes of all bodies being read or handled together; taken (from
                                                ///< Content-Length) before a byte is read, and chunk by chunk for
                                                ///< chunked bodies; a body that does not fit is 503 + Retry-After
  std::size_t header_bytes = 16 * 1024;         ///< more is 431
  std::chrono::seconds header_timeout{10};      ///< from its first byte to the end of a request's header
  std::chrono::seconds idle_timeout{75};        ///< between requests of a connection
  std::chrono::seconds body_timeout{30};        ///< for one body
  std::chrono::seconds write_timeout{30};       ///< without any progress: a stalled reader is cut, a slow one is not
};

/// What a finished request was, for metrics. `route` is the pattern, "" when none matched.
struct Outcome {
  std::string_view route;
  Method method;
  int status;
  base::Duration took;  ///< from the end of its header to the last byte handed to the socket
};

/// Owner: the thread that runs the io_context. A fault in one connection (garbage, a reset, a stalled peer) ends that
/// connection alone.
class Server {
 public:
  using Observer = std::function<void(const Outcome&)>;

  /// The router's handlers must outlive the server.
  Server(boost::asio::io_context& owner, Router router, Limits limits, Observer observer);
  ~Server();

  /// Binds and begins to accept. `address` "::" means dual stack, and 0.0.0.0 where IPv6 is absent. Port 0 picks a free
  /// one. Throws base::Error(unavailable) with a text that names address and port ("port 8080 is in use").
  void listen(const std::string& address, std::uint16_t port);
  std::uint16_t port() const;

  struct Load {
    std::size_t connections = 0;  ///< open
    std::size_t requests = 0;     ///< being handled or written
    std::size_t body_bytes = 0;   ///< of the budget
  };
  Load load() const;

  /// Closes the acceptor, ends idle connections, lets those with a request in flight answer with "Connection: close", and
  /// returns when all have ended or the deadline has come (then the rest is cut). True when none was cut.
  boost::asio::awaitable<bool> drain(base::TimePoint deadline);

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace prompted::http
