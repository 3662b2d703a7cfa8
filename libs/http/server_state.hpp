#pragma once
// What the server and its connections share. Owner: the thread that runs the io_context. Internal to this library.
#include <boost/asio/io_context.hpp>
#include <unordered_set>
#include <utility>

#include "base/byte_budget.hpp"
#include "base/owner.hpp"
#include "base/signal.hpp"
#include "http/head.hpp"
#include "http/server.hpp"

namespace prompted::http {

class Connection;

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
  std::unordered_set<Connection*> connections;  ///< each removes itself when its coroutine ends
  std::size_t requests = 0;
  base::ByteBudget bodies;
  base::ByteBudget responses;
  std::size_t encoders = 0;  ///< responses being gzip-coded
  bool draining = false;
  bool stopped = false;  ///< the Server is destroyed: no handler may be called
  DateLine date;
  [[no_unique_address]] base::OwnerThread thread;
};

}  // namespace prompted::http
