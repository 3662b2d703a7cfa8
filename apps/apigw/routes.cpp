// The route table: path, method, handler.
#include <functional>

#include "apigw/handlers.hpp"

namespace prompted::apigw {

void add_routes(http::Router& router, Handlers& handlers) {
  using http::Method;
  router.add({Method::get, "/api/v1/gpus", std::bind_front(&Handlers::list_gpus, &handlers)});
  router.add({Method::get, "/api/v1/gpus/{id}/telemetry", std::bind_front(&Handlers::telemetry, &handlers)});
}

}  // namespace prompted::apigw
