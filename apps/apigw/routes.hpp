#pragma once
// The route table: path, method, handler, documentation.
#include "http/openapi.hpp"
#include "http/router.hpp"

namespace prompted::apigw {

class Handlers;

/// Adds the routes. With null `handlers` the table only documents.
void add_routes(http::Router& router, Handlers* handlers);
inline void document(http::Router& router) { add_routes(router, nullptr); }

/// The parts of the OpenAPI document that routes do not cover (schemas.cpp).
http::Api api();

/// OpenAPI documentation of each route (operations.cpp).
namespace operations {
http::Operation list_gpus();
http::Operation gpu();
http::Operation gpu_metrics();
http::Operation gpu_telemetry();
http::Operation telemetry();
http::Operation latest_metrics();
}  // namespace operations

}  // namespace prompted::apigw
