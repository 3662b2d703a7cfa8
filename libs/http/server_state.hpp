#pragma once
// What the server and its connections share. Owner: the thread that runs the io_context. Internal to this library.
#include <boost/asio/io_context.hpp>
#include <unordered_set>
#include <utility>

#include "base/owner.hpp"
#include "base/signal.hpp"
#include "http/head.hpp"
#include "http/server.hpp"

namespace prompted::http {

class Connection;

/// Bytes that several take from. Owner: the server's thread.
struct Budget {
  std::size_t limit = 0;
  std::size_t taken = 0;
  [[no_unique_address]] base::OwnerThread thread = {};
};

/// One request's part of a budget, given back when the request is over.
class Share {
 public:
  explicit Share(Budget& budget) : budget_(budget) {}
  ~Share() { give_back(); }
  Share(const Share&) = delete;
  Share& operator=(const Share&) = delete;

  /// False when the budget has no room for `total` bytes of this request; nothing more is taken then.
  bool grow_to(std::size_t total) {
    budget_.thread.check();
    if (total <= taken_) return true;
    const std::size_t more = total - taken_;
    if (budget_.taken >= budget_.limit || more > budget_.limit - budget_.taken) return false;
    take(more);
    return true;
  }
  /// The same, but one that finds the budget untouched takes what it needs.
  bool grow_to_or_alone(std::size_t total) {
    if (grow_to(total)) return true;
    if (budget_.taken > taken_) return false;
    take(total - taken_);
    return true;
  }
  void give_back() {
    budget_.thread.check();
    budget_.taken -= std::exchange(taken_, 0);
  }
  std::size_t taken() const { return taken_; }

 private:
  void take(std::size_t more) {
    budget_.taken += more;
    taken_ += more;
  }

  Budget& budget_;
  std::size_t taken_ = 0;
};

struct ServerState {
  ServerState(boost::asio::io_context& io, Router table, Limits bounds, Server::Observer watcher, HostList served)
      : owner(io),
        router(std::move(table)),
        limits(bounds),
        observer(std::move(watcher)),
        hosts(std::move(served)),
        changed(io),
        bodies{bounds.body_budget},
        responses{bounds.response_budget} {}

  boost::asio::io_context& owner;
  Router router;
  Limits limits;
  Server::Observer observer;
  HostList hosts;
  base::Signal changed;                         ///< a connection has ended, or a flag below was set
  std::unordered_set<Connection*> connections;  ///< each takes itself out when its coroutine ends
  std::size_t requests = 0;
  Budget bodies;
  Budget responses;
  std::size_t encoders = 0;  ///< answers that are being gzip-coded
  bool draining = false;
  bool stopped = false;  ///< the Server is gone: no handler may be called any more
  DateLine date;
  [[no_unique_address]] base::OwnerThread thread;
};

}  // namespace prompted::http
