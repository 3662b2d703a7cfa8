#include "mqwriter/routes.hpp"

#include <functional>

#include "mqwriter/handlers.hpp"
#include "mqwriter/operations.hpp"

namespace prompted::mqwriter {

void add_routes(http::Router& router, Handlers* handlers, std::size_t max_body) {
  using http::Method;
  router.add(
      {Method::post, "/v1/publish", std::bind_front(&Handlers::publish, handlers), max_body, publish_operation()});
  http::Route buffer{Method::get, "/metrics/buffer", std::bind_front(&Handlers::buffer_metrics, handlers)};
  buffer.operation = buffer_operation();
  router.add(std::move(buffer));
}

void document(http::Router& router) { add_routes(router, nullptr, 0); }

}  // namespace prompted::mqwriter
