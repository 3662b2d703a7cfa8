#include "mqwriter/routes.hpp"

#include <functional>

#include "mqwriter/handlers.hpp"

namespace prompted::mqwriter {

void add_routes(http::Router& router, Handlers* handlers) {
  using http::Method;
  router.add({Method::post, "/v1/publish", std::bind_front(&Handlers::publish, handlers), publish_operation()});
  router.add(
      {Method::get, "/metrics/buffer", std::bind_front(&Handlers::buffer_metrics, handlers), buffer_operation()});
}

void document(http::Router& router) { add_routes(router, nullptr); }

}  // namespace prompted::mqwriter
