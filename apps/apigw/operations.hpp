#pragma once
// What the OpenAPI document says of each route of this service.
#include "http/operation.hpp"

namespace prompted::apigw::operations {

http::Operation list_gpus();
http::Operation gpu();
http::Operation gpu_metrics();
http::Operation gpu_telemetry();
http::Operation telemetry();
http::Operation latest_metrics();

}  // namespace prompted::apigw::operations
