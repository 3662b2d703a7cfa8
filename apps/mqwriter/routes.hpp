#pragma once
// mqwriter's route table: path, method, handler, and what the OpenAPI document says of them.
#include <cstddef>

#include "http/openapi.hpp"
#include "http/router.hpp"

namespace prompted::mqwriter {

class Handlers;

/// Null `handlers`: the table only documents, and nobody may call its handlers.
void add_routes(http::Router& router, Handlers* handlers);

http::Api api();
/// Adds all of the above without handlers.
void document(http::Router& router);

// What the OpenAPI document says of each route (operations.cpp).
http::Operation publish_operation();
http::Operation buffer_operation();

}  // namespace prompted::mqwriter
