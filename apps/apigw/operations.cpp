#include "apigw/query.hpp"
#include "apigw/routes.hpp"

namespace prompted::apigw::operations {

namespace {

constexpr const char* gpus_tag = "GPUs";
constexpr const char* telemetry_tag = "Telemetry";

constexpr const char* row_example =
    R"({"uuid":"3f8b82b7-90bf-735e-8960-97943c72b6b3","gpu_id":"GPU-0a1b2c3d","metric_name":"DCGM_FI_DEV_GPU_UTIL",)"
    R"("timestamp":"2026-02-15T10:00:01.000000Z","device":"nvidia0","model_name":"NVIDIA H100 80GB HBM3",)"
    R"("hostname":"gpu-node-01","container":"trainer","pod":"llm-train-0","namespace":"ml-team","value":97,)"
    R"("labels_raw":null,"ingested_at":"2026-02-15T10:00:01.012345Z"})";
constexpr const char* csv_example =
    "timestamp,metric_name,gpu_id,device,uuid,model_name,hostname,container,pod,namespace,value,labels_raw\r\n"
    "2026-02-15T10:00:01.000000Z,DCGM_FI_DEV_GPU_UTIL,GPU-0a1b2c3d,nvidia0,3f8b82b7-90bf-735e-8960-97943c72b6b3,"
    "NVIDIA H100 80GB HBM3,gpu-node-01,trainer,llm-train-0,ml-team,97,\r\n";

constexpr const char* telemetry_text =
    "Returns rows oldest first, or newest first with `order=desc`. Rows with the same timestamp are in arrival order."
    "\n\n"
    "**Without `limit`**, streams the whole time range in chunks, however large. **With `limit`**, returns pages that "
    "neither repeat nor skip a row while new ones arrive.\n\n"
    "**With `step`**, aggregates values in the database (`agg`) into one per bucket, metric and GPU. Each entry then "
    "has `gpu_id`, `metric_name`, `timestamp` (the start of the bucket) and `value`.\n\n"
    "**Formats**: JSON, NDJSON or CSV, chosen by `Accept` or `format`. The CSV has the columns that the streamer "
    "reads, so an export can be streamed back in. `Accept-Encoding: gzip` is supported.\n\n"
    "**Caching**: a response for a time range that ends in the past carries an `ETag` (up to a million rows). The tag "
    "changes when a late row arrives. Revalidate with `If-None-Match`.";

http::Operation operation(std::string id, const char* tag, std::string summary, std::string description) {
  http::Operation out;
  out.id = std::move(id);
  out.tag = tag;
  out.summary = std::move(summary);
  out.description = std::move(description);
  return out;
}

http::ResponseDoc json_response(std::string description, std::string_view component, std::string example) {
  http::ResponseDoc response;
  response.description = std::move(description);
  response.bodies.push_back({"application/json", http::ref(component), std::move(example)});
  response.headers.push_back({"Cache-Control", "`no-store`: the next response may differ"});
  return response;
}

void add_telemetry_responses(http::Operation& operation, std::string_view component, const std::string& example) {
  http::ResponseDoc rows;
  rows.description = "The entries. If the connection closes before the last chunk, the response is incomplete.";
  rows.bodies.push_back({"application/json", http::ref(component), example});
  rows.bodies.push_back({"application/x-ndjson", R"({"type":"string","description":"One entry per line"})",
                         std::string(row_example) + "\n"});
  rows.bodies.push_back({"text/csv", R"({"type":"string","description":"RFC 4180, with a header line"})", csv_example});
  rows.headers = {{"Link", "With `limit`, if there are more entries: `<…>; rel=\"next\"`"},
                  {"ETag", "If the time range ends in the past"},
                  {"Cache-Control", "`no-cache` with an ETag, otherwise `no-store`"},
                  {"Vary", "`Accept` unless `format` is given"}};
  http::ResponseDoc same;
  same.status = 304;
  same.description = "Not modified: `If-None-Match` matches the current ETag, so no row has arrived since.";
  same.headers = {{"ETag", "The unchanged ETag"}};
  operation.responses = {std::move(rows), std::move(same)};
}

}  // namespace

http::Operation list_gpus() {
  auto out =
      operation("listGpus", gpus_tag, "List GPUs",
                "GPUs that have sent telemetry, sorted by id. The cost grows with the number of GPUs, not of rows.");
  out.parameters = http::describe<GpuList>();
  out.responses = {json_response("The GPUs that match the filters", "GpuList",
                                 R"({"gpus":[{"id":"GPU-0a1b2c3d"},{"id":"GPU-5e6f7a8b"},{"id":"GPU-c9d0e1f2"}]})")};
  return out;
}

http::Operation gpu() {
  auto out = operation("getGpu", gpus_tag, "Get a GPU and its current values",
                       "Model, host, device, pod, namespace and container come from its latest row.");
  out.parameters = http::describe<OneGpu>();
  out.responses = {json_response(
      "The GPU", "Gpu",
      R"({"id":"GPU-0a1b2c3d","model_name":"NVIDIA H100 80GB HBM3","hostname":"gpu-node-01","device":"nvidia0",)"
      R"("namespace":"ml-team","pod":"llm-train-0","container":"trainer","first_seen":"2026-02-15T10:00:01.000000Z",)"
      R"("last_seen":"2026-02-15T10:05:01.000000Z","metrics":[{"metric_name":"DCGM_FI_DEV_GPU_UTIL","value":97,)"
      R"("timestamp":"2026-02-15T10:05:01.000000Z","first_seen":"2026-02-15T10:00:01.000000Z"}]})")};
  out.problems = {404};
  return out;
}

http::Operation gpu_metrics() {
  auto out =
      operation("listGpuMetrics", gpus_tag, "List the metrics of a GPU", "Sorted by name, each with its latest value.");
  out.parameters = http::describe<OneGpu>();
  out.responses = {
      json_response("The metrics", "GpuMetrics",
                    R"({"gpu_id":"GPU-0a1b2c3d","metrics":[{"metric_name":"DCGM_FI_DEV_GPU_UTIL","value":97,)"
                    R"("timestamp":"2026-02-15T10:05:01.000000Z","first_seen":"2026-02-15T10:00:01.000000Z"}]})")};
  out.problems = {404};
  return out;
}

http::Operation gpu_telemetry() {
  auto out = operation("getGpuTelemetry", telemetry_tag, "Get the history of a GPU",
                       std::string(telemetry_text) + "\n\nAn unknown GPU returns no entries, not an error.");
  out.parameters = http::describe<GpuTelemetry>();
  add_telemetry_responses(out, "GpuTelemetry",
                          R"({"gpu_id":"GPU-0a1b2c3d","entries":[)" + std::string(row_example) + "]}");
  return out;
}

http::Operation telemetry() {
  auto out = operation("getTelemetry", telemetry_tag, "Get the history of all GPUs", telemetry_text);
  out.parameters = http::describe<FleetTelemetry>();
  add_telemetry_responses(out, "Telemetry", R"({"entries":[)" + std::string(row_example) + "]}");
  return out;
}

http::Operation latest_metrics() {
  auto out = operation(
      "getLatestMetrics", telemetry_tag, "Get the current values of all GPUs",
      "The latest value of each metric of each GPU, sorted by GPU and metric. The cost grows with the number of "
      "GPUs and metrics, not of rows. Filters apply to the latest row of each metric.");
  out.parameters = http::describe<LatestMetrics>();
  out.responses = {json_response(
      "The latest values", "LatestMetrics",
      R"({"metrics":[{"gpu_id":"GPU-0a1b2c3d","metric_name":"DCGM_FI_DEV_GPU_UTIL","value":97,)"
      R"("timestamp":"2026-02-15T10:05:01.000000Z","device":"nvidia0","model_name":"NVIDIA H100 80GB HBM3",)"
      R"("hostname":"gpu-node-01","container":"trainer","pod":"llm-train-0","namespace":"ml-team"}]})")};
  return out;
}

}  // namespace prompted::apigw::operations
