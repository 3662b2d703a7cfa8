#include "mqreader/routes.hpp"

#include <functional>

#include "mqreader/dead_letters/dead_letter_handlers.hpp"
#include "mqreader/handlers.hpp"
#include "mqreader/operations.hpp"

namespace prompted::mqreader {

void add_routes(http::Router& router, Handlers* handlers) {
  using http::Method;
  router.add({Method::post, "/v1/lease", std::bind_front(&Handlers::lease, handlers), lease_operation()});
  router.add({Method::post, "/v1/ack", std::bind_front(&Handlers::ack, handlers), ack_operation()});
  router.add({Method::post, "/v1/nack", std::bind_front(&Handlers::nack, handlers), nack_operation()});
  router.add({Method::post, "/v1/extend", std::bind_front(&Handlers::extend, handlers), extend_operation()});
  router.add({Method::get, "/v1/partitions", std::bind_front(&Handlers::partitions, handlers), partitions_operation()});
}

void add_routes(http::Router& router, DeadLetterHandlers* handlers) {
  using http::Method;
  router.add({Method::get, "/v1/dead-letters", std::bind_front(&DeadLetterHandlers::list, handlers), list_operation()});
  router.add({Method::post, "/v1/dead-letters/redrive", std::bind_front(&DeadLetterHandlers::redrive, handlers),
              redrive_operation()});
  router.add({Method::post, "/v1/dead-letters/purge", std::bind_front(&DeadLetterHandlers::purge, handlers),
              purge_operation()});
}

void document(http::Router& router) {
  Handlers* const nobody = nullptr;
  DeadLetterHandlers* const nobody_either = nullptr;
  add_routes(router, nobody);
  add_routes(router, nobody_either);
}

}  // namespace prompted::mqreader
