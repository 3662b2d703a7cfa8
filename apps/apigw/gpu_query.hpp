#pragma once
// What a request for GPUs asks the store for.
#include <optional>
#include <string>
#include <vector>

namespace prompted::apigw {

/// Conditions on a GPU's latest row.
struct GpuFilter {
  std::optional<std::string> hostname;
  std::optional<std::string> model_name;
  std::optional<std::string> name_space;
  std::optional<std::string> pod;
};

/// GET /api/v1/gpus
struct GpuList {
  GpuFilter filter;
  bool details = false;
};

/// GET /api/v1/metrics/latest
struct LatestMetrics {
  std::vector<std::string> metric_names;
  GpuFilter filter;
};

}  // namespace prompted::apigw
