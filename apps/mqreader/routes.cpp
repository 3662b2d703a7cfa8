#include <functional>

#include "mqreader/dead_letter_handlers.hpp"
#include "mqreader/handlers.hpp"

namespace prompted::mqreader {

void add_routes(http::Router& router, Handlers& handlers, std::size_t max_body) {
  router.add({http::Method::post, "/v1/lease", std::bind_front(&Handlers::lease, &handlers), max_body});
  router.add({http::Method::post, "/v1/ack", std::bind_front(&Handlers::ack, &handlers), max_body});
  router.add({http::Method::post, "/v1/nack", std::bind_front(&Handlers::nack, &handlers), max_body});
  router.add({http::Method::post, "/v1/extend", std::bind_front(&Handlers::extend, &handlers), max_body});
  router.add({http::Method::get, "/v1/partitions", std::bind_front(&Handlers::partitions, &handlers)});
}

void add_routes(http::Router& router, DeadLetterHandlers& handlers, std::size_t max_body) {
  router.add({http::Method::get, "/v1/dead-letters", std::bind_front(&DeadLetterHandlers::list, &handlers)});
  router.add({http::Method::post, "/v1/dead-letters/redrive", std::bind_front(&DeadLetterHandlers::redrive, &handlers),
              max_body});
  router.add(
      {http::Method::post, "/v1/dead-letters/purge", std::bind_front(&DeadLetterHandlers::purge, &handlers), max_body});
}

}  // namespace prompted::mqreader
