#pragma once
// mqreader's route table: path, method, handler, and what the OpenAPI document says of them.
#include <cstddef>

#include "http/openapi.hpp"
#include "http/router.hpp"

namespace prompted::mqreader {

class Handlers;
class DeadLetterHandlers;
class Forwarder;

/// With null pointers the table only documents: its handlers must not be called.
void add_routes(http::Router& router, Handlers* handlers, Forwarder* forwarder);
void add_routes(http::Router& router, DeadLetterHandlers* handlers);

http::Api api();
/// Adds all of the above without handlers.
void document(http::Router& router);

}  // namespace prompted::mqreader
