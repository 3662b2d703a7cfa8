#pragma once
// Swagger UI and the OpenAPI document, served by the daemon itself: no request leaves for another host.
#include "http/openapi.hpp"
#include "http/router.hpp"

namespace prompted::service {

/// Adds /swagger/doc.json (of the routes that `router` has by now), /swagger/index.html with its assets, and redirects
/// from
/// /, /swagger and /swagger/. A daemon that was linked without prompted_swagger_ui (cmake/swagger_ui.cmake) has the
/// document only, and the redirects lead to it. None of these is in the document. Throws as http::openapi().
void add_swagger(http::Router& router, const http::Api& api);

}  // namespace prompted::service
