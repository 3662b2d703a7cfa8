#pragma once
// The OpenAPI operations of /healthz, /readyz and /metrics, the same for all daemons.
#include "http/operation.hpp"

namespace prompted::service {

http::Operation healthz_operation();
http::Operation readyz_operation();
http::Operation metrics_operation();

}  // namespace prompted::service
