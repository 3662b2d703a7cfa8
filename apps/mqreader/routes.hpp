#pragma once
// mqreader's route table: path, method, handler and OpenAPI documentation.
#include <cstddef>

#include "http/openapi.hpp"
#include "http/router.hpp"

namespace prompted::mqreader {

class Handlers;
class DeadLetterHandlers;
class Forwarder;

/// Adds the routes. With null pointers the table only documents: its handlers must not be called.
void add_routes(http::Router& router, Handlers* handlers, Forwarder* forwarder);
void add_routes(http::Router& router, DeadLetterHandlers* handlers);

http::Api api();
/// Adds all routes without handlers.
void document(http::Router& router);

}  // namespace prompted::mqreader
