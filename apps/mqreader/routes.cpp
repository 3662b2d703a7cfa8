#include <functional>

#include "mqreader/handlers.hpp"

namespace prompted::mqreader {

void add_routes(http::Router& router, Handlers& handlers, std::size_t max_body) {
  router.add({http::Method::post, "/v1/lease", std::bind_front(&Handlers::lease, &handlers), max_body});
  router.add({http::Method::post, "/v1/ack", std::bind_front(&Handlers::ack, &handlers), max_body});
  router.add({http::Method::post, "/v1/nack", std::bind_front(&Handlers::nack, &handlers), max_body});
  router.add({http::Method::get, "/v1/partitions", std::bind_front(&Handlers::partitions, &handlers)});
}

}  // namespace prompted::mqreader
