#include "apigw/routes.hpp"

#include <functional>

#include "apigw/handlers.hpp"

namespace prompted::apigw {

void add_routes(http::Router& router, Handlers* handlers) {
  using http::Method;
  const auto get = [&](const char* path, auto member, http::Operation operation) {
    router.add({Method::get, path, std::bind_front(member, handlers), std::move(operation)});
  };
  get("/api/v1/gpus", &Handlers::list_gpus, operations::list_gpus());
  get("/api/v1/gpus/{id}", &Handlers::gpu, operations::gpu());
  get("/api/v1/gpus/{id}/metrics", &Handlers::gpu_metrics, operations::gpu_metrics());
  get("/api/v1/gpus/{id}/telemetry", &Handlers::gpu_telemetry, operations::gpu_telemetry());
  get("/api/v1/telemetry", &Handlers::telemetry, operations::telemetry());
  get("/api/v1/metrics/latest", &Handlers::latest_metrics, operations::latest_metrics());
}

}  // namespace prompted::apigw
