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
  std::size_t connections = 1024;  ///< above it nothing is accepted: the kernel's backlog waits
  /// Bytes of all request bodies that are being read or handled, taken as they arrive: a Content-Length alone takes
  /// nothing. The request whose body has no room left gets 503 with Retry-After.
  std::size_t body_budget = 256 * 1024 * 1024;
  /// A body or response of at most this many bytes takes nothing from its budget, so that small requests are served
  /// even when large ones have used it up. `connections` bounds them.
  std::size_t small_message = 16 * 1024;
  /// Bytes of all response bodies that wait to be sent. A stream takes `stream_share` for as long as it lasts, which is
  /// what its pieces may come to. A response that has no room gets 503 with Retry-After, unless it is the only one.
  std::size_t response_budget = 64 * 1024 * 1024;
  std::size_t stream_share = 512 * 1024;
  std::size_t header_bytes = 16 * 1024;     ///< more is 431
  std::chrono::seconds header_timeout{10};  ///< from its first byte to the end of a request's header
  std::chrono::seconds idle_timeout{75};    ///< between requests of a connection
  std::chrono::seconds body_timeout{30};    ///< for one body
  /// A body must bring `body_progress` bytes in each `body_stretch`. Otherwise its connection is closed, because a slow
  /// body holds budget.
  std::chrono::seconds body_stretch{5};
  std::size_t body_progress = 64 * 1024;
  std::chrono::seconds write_timeout{30};  ///< without any progress: a stalled reader is cut, a slow one is not
};

/// The most that one connection holds beside what the budgets count: a request's head, as it came and as it was parsed,
/// a small body, a small response, and its coroutine.
std::size_t connection_bytes(const Limits& limits);

/// What a finished request was, for metrics and logs. `route` is the pattern, "" when none matched.
struct Outcome {
  std::string_view route;
  Method method;
  int status;
  base::Duration took;                       ///< from the end of its header to the last byte handed to the socket
  std::size_t request_bytes = 0;             ///< of the body
  std::uint64_t sent_bytes = 0;              ///< with head and framing
  const std::vector<Note>* notes = nullptr;  ///< the handler's
};

/// Owner: the thread that runs the io_context. A fault in one connection (garbage, a reset, a stalled peer) ends that
/// connection alone.
class Server {
 public:
  using Observer = std::function<void(const Outcome&)>;

  /// The router's handlers must outlive the server. A request for a host that `hosts` does not allow gets 421, and one
  /// that a page of another site sent to a route that can change something gets 403 (site_guard.hpp).
  Server(boost::asio::io_context& owner, Router router, Limits limits, Observer observer, HostList hosts = HostList());
  ~Server();

  /// Binds and begins to accept. `address` "::" means dual stack, and 0.0.0.0 where IPv6 is absent. Port 0 picks a free
  /// one. Throws base::Error(unavailable) with a text that names address and port ("port 8080 is in use").
  void listen(const std::string& address, std::uint16_t port);
  std::uint16_t port() const;

  struct Load {
    std::size_t connections = 0;     ///< open
    std::size_t requests = 0;        ///< being handled or written
    std::size_t body_bytes = 0;      ///< of the budget
    std::size_t response_bytes = 0;  ///< of the budget
  };
  Load load() const;

  /// Closes the acceptor, ends idle connections, lets those with a request in flight answer with "Connection: close",
  /// and returns when all have ended or the deadline has come (then the rest is cut). True when none was cut.
  boost::asio::awaitable<bool> drain(base::TimePoint deadline);

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace prompted::http
