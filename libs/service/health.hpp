#pragma once
// /healthz, /readyz and /metrics of every daemon, and the request counts behind the latter.
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

  /// Null `health`: the table only documents, and nobody may call its handlers.
  static void add_routes(http::Router& router, Health* health);
  /// Their tag in the OpenAPI document: name and description.
  static std::pair<std::string, std::string> tag();

  /// From now on /readyz is 503: load balancers look elsewhere while the drain goes on.
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
