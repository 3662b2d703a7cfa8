#include <functional>

#include "mqwriter/handlers.hpp"

namespace prompted::mqwriter {

void add_routes(http::Router& router, Handlers& handlers, std::size_t max_body) {
  router.add({http::Method::post, "/v1/publish", std::bind_front(&Handlers::publish, &handlers), max_body});
  router.add({http::Method::get, "/metrics/buffer", std::bind_front(&Handlers::buffer_metrics, &handlers)});
}

}  // namespace prompted::mqwriter
