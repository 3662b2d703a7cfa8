#pragma once
// The route table: one list determines dispatch, 404 or 405, metric labels, body limits and the OpenAPI document.
#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "http/message.hpp"
#include "http/operation.hpp"

namespace prompted::http {

/// Members bound with std::bind_front, never capturing coroutine lambdas (docs/toolchain.md). The Request
/// outlives the call.
using Handler = std::function<boost::asio::awaitable<Response>(Request&)>;

struct Route {
  Method method = Method::get;
  std::string pattern;  ///< "/api/v1/gpus/{id}/telemetry": a {name} matches one non-empty segment
  Handler handler;
  Operation operation = {};  ///< its part of the OpenAPI document
  std::size_t max_body = 0;  ///< bytes; larger bodies get 413, unread if Content-Length says so; 0: the router's
};

class Router {
 public:
  /// `max_body` applies to routes that set none.
  explicit Router(std::size_t max_body = 1024 * 1024) : max_body_(max_body) {}

  void add(Route route);
  const std::vector<Route>& routes() const { return routes_; }

  struct Match {
    const Route* route = nullptr;  ///< nullptr: `allow` is empty → 404, else 405
    std::string allow;             ///< "GET, HEAD, POST"
    std::vector<std::pair<std::string, std::string>> params;
  };
  /// Finds the route of a percent-encoded `path`, so that a %2F stays within its segment; params are decoded. GET
  /// routes also serve HEAD. Fixed segments take precedence over {name} ones.
  Match match(Method method, std::string_view path) const;

 private:
  std::size_t max_body_;
  std::vector<Route> routes_;
};

}  // namespace prompted::http
