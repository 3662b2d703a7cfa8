#pragma once
// What the server and its connections share. Owner: the thread that runs the io_context. Internal to this library.
#include <boost/asio/io_context.hpp>
#include <unordered_set>

#include "base/owner.hpp"
#include "base/signal.hpp"
#include "http/head.hpp"
#include "http/server.hpp"

namespace prompted::http {

class Connection;

struct ServerState {
  ServerState(boost::asio::io_context& io, Router table, Limits bounds, Server::Observer watcher)
      : owner(io), router(std::move(table)), limits(bounds), observer(std::move(watcher)), changed(io) {}

  boost::asio::io_context& owner;
  Router router;
  Limits limits;
  Server::Observer observer;
  base::Signal changed;                         ///< a connection has ended, or a flag below was set
  std::unordered_set<Connection*> connections;  ///< each takes itself out when its coroutine ends
  std::size_t requests = 0;
  std::size_t body_bytes = 0;
  std::size_t encoders = 0;  ///< answers that are being gzip-coded
  bool draining = false;
  bool stopped = false;  ///< the Server is gone: no handler may be called any more
  DateLine date;
};

/// One request's share of the body budget, given back when the request is over.
class BodyShare {
 public:
  explicit BodyShare(ServerState& server) : server_(server) {}
  ~BodyShare() { server_.body_bytes -= taken_; }
  BodyShare(const BodyShare&) = delete;
  BodyShare& operator=(const BodyShare&) = delete;

  /// False when the budget has no room for `total` bytes of this request; nothing more is taken then.
  bool grow_to(std::size_t total) {
    if (total <= taken_) return true;
    const std::size_t more = total - taken_;
    if (more > server_.limits.body_budget - server_.body_bytes) return false;
    server_.body_bytes += more;
    taken_ = total;
    return true;
  }

 private:
  ServerState& server_;
  std::size_t taken_ = 0;
};

}  // namespace prompted::http
