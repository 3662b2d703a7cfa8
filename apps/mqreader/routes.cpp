#include "mqreader/routes.hpp"

#include <functional>

#include "mqreader/dead_letter_handlers.hpp"
#include "mqreader/handlers.hpp"
#include "mqreader/operations.hpp"

namespace prompted::mqreader {

namespace {

http::Route get(std::string pattern, http::Handler handler, http::Operation operation) {
  http::Route route{http::Method::get, std::move(pattern), std::move(handler)};
  route.operation = std::move(operation);
  return route;
}

}  // namespace

void add_routes(http::Router& router, Handlers* handlers, std::size_t max_body) {
  using http::Method;
  router.add({Method::post, "/v1/lease", std::bind_front(&Handlers::lease, handlers), max_body, lease_operation()});
  router.add({Method::post, "/v1/ack", std::bind_front(&Handlers::ack, handlers), max_body, ack_operation()});
  router.add({Method::post, "/v1/nack", std::bind_front(&Handlers::nack, handlers), max_body, nack_operation()});
  router.add({Method::post, "/v1/extend", std::bind_front(&Handlers::extend, handlers), max_body, extend_operation()});
  router.add(get("/v1/partitions", std::bind_front(&Handlers::partitions, handlers), partitions_operation()));
}

void add_routes(http::Router& router, DeadLetterHandlers* handlers, std::size_t max_body) {
  using http::Method;
  router.add(get("/v1/dead-letters", std::bind_front(&DeadLetterHandlers::list, handlers), list_operation()));
  router.add({Method::post, "/v1/dead-letters/redrive", std::bind_front(&DeadLetterHandlers::redrive, handlers),
              max_body, redrive_operation()});
  router.add({Method::post, "/v1/dead-letters/purge", std::bind_front(&DeadLetterHandlers::purge, handlers), max_body,
              purge_operation()});
}

void document(http::Router& router) {
  Handlers* const nobody = nullptr;
  DeadLetterHandlers* const nobody_either = nullptr;
  add_routes(router, nobody, 0);
  add_routes(router, nobody_either, 0);
}

}  // namespace prompted::mqreader
