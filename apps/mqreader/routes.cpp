#include "mqreader/routes.hpp"

#include <functional>

#include "mqreader/dead_letters/dead_letter_handlers.hpp"
#include "mqreader/forwarder.hpp"
#include "mqreader/handlers.hpp"
#include "mqreader/operations.hpp"

namespace prompted::mqreader {

void add_routes(http::Router& router, Handlers* handlers, Forwarder* forwarder) {
  using http::Method;
  router.add({Method::post, "/v1/lease", std::bind_front(&Handlers::lease, handlers), lease_operation()});
  const auto forwarded = [handlers, forwarder](auto parse, auto own) {
    return std::bind_front(&Forwarder::route<Handlers, decltype(parse(""))>, forwarder, parse, handlers, own);
  };
  router.add({Method::post, "/v1/ack", forwarded(&models::parse_ack, &Handlers::ack), ack_operation()});
  router.add({Method::post, "/v1/nack", forwarded(&models::parse_nack, &Handlers::nack), nack_operation()});
  router.add({Method::post, "/v1/extend", forwarded(&models::parse_extend, &Handlers::extend), extend_operation()});
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
  DeadLetterHandlers* const no_handlers = nullptr;
  add_routes(router, nullptr, nullptr);
  add_routes(router, no_handlers);
}

}  // namespace prompted::mqreader
