// The shapes of this service's responses, as JSON Schema in OpenAPI 3.0.3's dialect.
#include "apigw/routes.hpp"
#include "service/health.hpp"

namespace prompted::apigw {

namespace {

constexpr const char* time = R"({"type":"string","format":"date-time","description":"UTC, with microseconds"})";

std::string object(const std::string& required, const std::string& properties) {
  return R"({"type":"object","additionalProperties":false,"required":[)" + required + R"(],"properties":{)" +
         properties + "}}";
}
std::string text(const std::string& name) { return '"' + name + R"(":{"type":"string"})"; }
std::string texts_or_null(std::initializer_list<const char*> names) {
  std::string out;
  for (const char* name : names) out += std::string(",\"") + name + R"(":{"type":"string","nullable":true})";
  return out;
}
std::string instant(const std::string& name) { return '"' + name + "\":" + time; }
std::string list_of(const std::string& name, const std::string& component) {
  return '"' + name + R"(":{"type":"array","items":)" + http::ref(component) + "}";
}
constexpr const char* value = R"("value":{"type":"number","nullable":true})";

std::string row() {
  return object(
      R"("uuid","gpu_id","metric_name","timestamp","device","model_name","hostname","container","pod","namespace",)"
      R"("value","labels_raw","ingested_at")",
      R"("uuid":{"type":"string","format":"uuid"},)" + text("gpu_id") + ',' + text("metric_name") + ',' +
          instant("timestamp") +
          texts_or_null({"device", "model_name", "hostname", "container", "pod", "namespace", "labels_raw"}) + ',' +
          value + ',' + instant("ingested_at"));
}

std::string bucket() {
  return object(R"("gpu_id","metric_name","timestamp","value")",
                text("gpu_id") + ',' + text("metric_name") + ',' + instant("timestamp") + ',' + value);
}

std::string latest() {
  return object(
      R"("gpu_id","metric_name","value","timestamp","device","model_name","hostname","container","pod","namespace")",
      text("gpu_id") + ',' + text("metric_name") + ',' + value + ',' + instant("timestamp") +
          texts_or_null({"device", "model_name", "hostname", "container", "pod", "namespace"}));
}

std::string metric() {
  return object(R"("metric_name","value","timestamp","first_seen")",
                text("metric_name") + ',' + value + ',' + instant("timestamp") + ',' + instant("first_seen"));
}

std::string telemetry(const std::string& required, const std::string& first) {
  return object(
      required + R"("entries")",
      first + R"("step_seconds":{"type":"number","description":"Only with `step`"},)" +
          R"("agg":{"type":"string","description":"Only with `step`"},)" +
          R"("entries":{"type":"array","items":{"oneOf":[)" + http::ref("Row") + ',' + http::ref("Bucket") +
          R"(]}},"next_cursor":{"type":"string","nullable":true,"description":"Only with `limit`; null on the last page"})");
}

std::string gpu(const std::string& required, const std::string& more) {
  return object(R"("id")" + required,
                text("id") + texts_or_null({"model_name", "hostname", "device", "namespace", "pod", "container"}) +
                    ',' + instant("first_seen") + ',' + instant("last_seen") + more);
}

}  // namespace

http::Api api() {
  http::Api api;
  api.title = "prompted: GPU telemetry";
  api.description =
      "Query GPU telemetry: the list of GPUs, their current values and their full history, with paging, filters and "
      "aggregation. Errors are RFC 9457 problem details.";
  api.tags = {{"GPUs", "GPUs and their metrics"}, {"Telemetry", "Current values and history"}, service::Health::tag()};
  api.components = {
      {"GpuList", object(R"("gpus")", list_of("gpus", "GpuSummary"))},
      {"GpuSummary", gpu("", "")},
      {"Gpu",
       gpu(R"(,"model_name","hostname","device","namespace","pod","container","first_seen","last_seen","metrics")",
           ',' + list_of("metrics", "Metric"))},
      {"GpuMetrics", object(R"("gpu_id","metrics")", text("gpu_id") + ',' + list_of("metrics", "Metric"))},
      {"Metric", metric()},
      {"GpuTelemetry", telemetry(R"("gpu_id",)", text("gpu_id") + ',')},
      {"Telemetry", telemetry("", "")},
      {"Row", row()},
      {"Bucket", bucket()},
      {"LatestMetrics", object(R"("metrics")", list_of("metrics", "LatestMetric"))},
      {"LatestMetric", latest()},
  };
  return api;
}

}  // namespace prompted::apigw
