#pragma once
// Parse, validate, one store call, respond. Owner: the daemon's thread.
#include <boost/asio/awaitable.hpp>

#include "apigw/store.hpp"
#include "apigw/telemetry_source.hpp"
#include "http/message.hpp"
#include "http/router.hpp"

namespace prompted::apigw {

class Handlers {
 public:
  Handlers(Store& store, Stats& stats) : store_(store), stats_(stats) {}

  boost::asio::awaitable<http::Response> list_gpus(http::Request& request);
  boost::asio::awaitable<http::Response> telemetry(http::Request& request);

 private:
  Store& store_;
  Stats& stats_;
};

/// The route table (routes.cpp).
void add_routes(http::Router& router, Handlers& handlers);

}  // namespace prompted::apigw
