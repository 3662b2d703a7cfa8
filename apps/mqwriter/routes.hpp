#pragma once
// mqwriter's route table: path, method, handler and OpenAPI documentation.
#include <cstddef>

#include "http/openapi.hpp"
#include "http/router.hpp"

namespace prompted::mqwriter {

class Handlers;

/// Adds the routes. With null `handlers` the table only documents: its handlers must not be called.
void add_routes(http::Router& router, Handlers* handlers);

http::Api api();
/// Adds all of the above without handlers.
void document(http::Router& router);

// OpenAPI documentation of each route (operations.cpp).
http::Operation publish_operation();
http::Operation buffer_operation();

}  // namespace prompted::mqwriter
