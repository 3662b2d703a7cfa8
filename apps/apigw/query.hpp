#pragma once
// The parameters of every operation: one declaration each, which parses, validates and documents (http/parameter.hpp).
#include "apigw/gpu_query.hpp"
#include "apigw/selection.hpp"
#include "http/parameter.hpp"

namespace prompted::apigw {

/// As sent. Not yet a Selection: a parameter's meaning may depend on another, and on the time of day.
struct TelemetryParameters {
  std::optional<std::string> gpu_id;
  std::vector<std::string> metric_names;
  std::optional<std::string> hostname;
  std::optional<std::string> pod;
  std::optional<std::string> name_space;
  std::optional<base::Instant> start;
  std::optional<base::Instant> end;
  std::optional<std::chrono::milliseconds> window;
  Order order = Order::ascending;
  std::optional<std::chrono::milliseconds> step;
  std::optional<std::string> function;
  std::optional<std::int64_t> limit;
  std::optional<std::string> cursor;
  std::optional<Format> format;
  std::optional<std::string> known_tag;  ///< If-None-Match
};

/// GET /api/v1/gpus/{id}/telemetry
struct GpuTelemetry : TelemetryParameters {};
void declare(http::Parameters& parameters, GpuTelemetry& target);
/// GET /api/v1/telemetry
struct FleetTelemetry : TelemetryParameters {};
void declare(http::Parameters& parameters, FleetTelemetry& target);

/// Throws base::Error(invalid): `start_time must be before or equal to end_time`, `window cannot be combined with
/// start_time`, `agg needs step`, `invalid cursor: …`. `accept` is the header; `now` ends a window that has no end.
Selection select(const TelemetryParameters& parameters, std::string_view accept, base::Instant now);

void declare(http::Parameters& parameters, GpuList& target);
void declare(http::Parameters& parameters, LatestMetrics& target);

/// GET /api/v1/gpus/{id} and /api/v1/gpus/{id}/metrics
struct OneGpu {
  std::string id;
};
void declare(http::Parameters& parameters, OneGpu& target);

}  // namespace prompted::apigw
