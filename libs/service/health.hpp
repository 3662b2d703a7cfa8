#pragma once
// /healthz, /readyz and /metrics of every daemon, and the request counts behind /metrics.
#include <boost/asio/awaitable.hpp>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/owner.hpp"
#include "http/server.hpp"
#include "service/daemon.hpp"

namespace prompted::service {

/// Owner: the daemon's thread. `app` outlives it.
class Health {
 public:
  Health(std::string service, const App& app) : service_(std::move(service)), app_(app) {}

  /// With a null `health` the routes only document; their handlers must not be called.
  static void add_routes(http::Router& router, Health* health);
  /// The routes' tag in the OpenAPI document: name and description.
  static std::pair<std::string, std::string> tag();

  /// Makes /readyz return 503, so that load balancers stop sending requests during the drain.
  void set_draining() {
    owner_thread_.check();
    draining_ = true;
  }
  void observe(const http::Outcome& outcome);
  void watch(const http::Server& server) { server_ = &server; }

 private:
  boost::asio::awaitable<http::Response> healthz(http::Request& request);
  boost::asio::awaitable<http::Response> readyz(http::Request& request);
  boost::asio::awaitable<http::Response> metrics(http::Request& request);

  struct RouteStats {
    std::map<int, std::uint64_t> by_status;
    Histogram seconds;
  };
  std::string service_;
  const App& app_;
  const http::Server* server_ = nullptr;
  bool draining_ = false;
  std::map<std::pair<std::string, std::string>, RouteStats> routes_;  ///< by method and route
  [[no_unique_address]] base::OwnerThread owner_thread_;
};

}  // namespace prompted::service
