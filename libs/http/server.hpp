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
#include <vector>

#include "base/clock.hpp"
#include "http/router.hpp"
#include "http/site_guard.hpp"

namespace prompted::http {

struct Limits {
  std::size_t connections = 1024;  ///< more wait in the kernel's listen backlog
  /// Bytes of all request bodies being read or handled, counted as they arrive: a Content-Length alone reserves
  /// nothing. A request whose body exceeds the budget gets 503 with Retry-After.
  std::size_t body_budget = 256 * 1024 * 1024;
  /// Bodies and responses of at most this many bytes are not counted, so that small requests are served even when large
  /// ones have used up the budget. `connections` bounds them.
  std::size_t small_message = 16 * 1024;
  /// Bytes of all response bodies waiting to be sent. A stream counts as `stream_share`, the maximum of its pieces, for
  /// as long as it lasts. A response that exceeds the budget becomes 503 with Retry-After, unless it is the only one.
  std::size_t response_budget = 64 * 1024 * 1024;
  std::size_t stream_share = 512 * 1024;
  std::size_t header_bytes = 16 * 1024;     ///< a larger head gets 431
  std::chrono::seconds header_timeout{10};  ///< from a request's first byte to the end of its head
  std::chrono::seconds idle_timeout{75};    ///< between the requests of a connection
  std::chrono::seconds body_timeout{30};    ///< for one body
  /// A connection whose body receives less than `body_progress` bytes in a `body_stretch` is closed, because a slow
  /// body holds budget.
  std::chrono::seconds body_stretch{5};
  std::size_t body_progress = 64 * 1024;
  std::chrono::seconds write_timeout{30};  ///< without any progress: cuts a stalled client, not a slow one
};

/// Maximum bytes of one connection outside the budgets: a request's head, both raw and parsed, a small body, a small
/// response, and the coroutine.
std::size_t connection_bytes(const Limits& limits);

/// A finished request, for metrics and logs. `route` is the pattern, "" if none matched.
struct Outcome {
  std::string_view route;
  Method method;
  int status;
  base::Duration took;                       ///< from the end of its head to the last byte handed to the socket
  std::size_t request_bytes = 0;             ///< of the body
  std::uint64_t sent_bytes = 0;              ///< including head and framing
  const std::vector<Note>* notes = nullptr;  ///< the handler's
};

/// Owner: the thread that runs the io_context. A fault in one connection (garbage, a reset, a stalled peer) ends only
/// that connection.
class Server {
 public:
  using Observer = std::function<void(const Outcome&)>;

  /// The router's handlers must outlive the server. A request for a host that `hosts` does not allow gets 421. A
  /// request from a page of another site to a route that can change something gets 403 (site_guard.hpp).
  Server(boost::asio::io_context& owner, Router router, Limits limits, Observer observer, HostList hosts = HostList());
  ~Server();

  /// Binds and starts accepting. `address` "::" means dual stack, or 0.0.0.0 without IPv6. Port 0 picks a free port.
  /// Throws base::Error(unavailable) that names address and port ("port 8080 is in use").
  void listen(const std::string& address, std::uint16_t port);
  std::uint16_t port() const;

  struct Load {
    std::size_t connections = 0;     ///< open
    std::size_t requests = 0;        ///< being handled or written
    std::size_t body_bytes = 0;      ///< of the budget
    std::size_t response_bytes = 0;  ///< of the budget
  };
  Load load() const;

  /// Closes the acceptor and idle connections, and lets requests in flight finish with "Connection: close". Returns
  /// once all connections have ended, or at the deadline, when it cuts the rest. True if none was cut.
  boost::asio::awaitable<bool> drain(base::TimePoint deadline);

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace prompted::http
