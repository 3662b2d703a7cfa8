#pragma once
// What every OpenAPI document says of /healthz, /readyz and /metrics.
#include "http/operation.hpp"

namespace prompted::service {

http::Operation healthz_operation();
http::Operation readyz_operation();
http::Operation metrics_operation();

}  // namespace prompted::service
