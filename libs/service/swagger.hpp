#pragma once
// Swagger UI and the OpenAPI document, served by the daemon itself: no request goes to another host.
#include "http/openapi.hpp"
#include "http/router.hpp"

namespace prompted::service {

/// Adds /swagger/doc.json (of the routes that `router` has so far), /swagger/index.html with its assets, and redirects
/// from /, /swagger and /swagger/. A daemon linked without prompted_swagger_ui (cmake/swagger_ui.cmake) has only the
/// document, and the redirects lead to it. The document contains none of these routes. Throws like http::openapi().
void add_swagger(http::Router& router, const http::Api& api);

}  // namespace prompted::service
