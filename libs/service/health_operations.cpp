#include "service/health_operations.hpp"

#include "service/health.hpp"

namespace prompted::service {

namespace {

// Written out where they are used: a document's components belong to the app.
constexpr const char* alive_schema = R"({
  "type": "object",
  "required": ["status", "service"],
  "properties": {"status": {"type": "string", "enum": ["ok"]}, "service": {"type": "string"}},
  "additionalProperties": false
})";

constexpr const char* ready_schema = R"({
  "type": "object",
  "required": ["status", "service"],
  "properties": {"status": {"type": "string", "enum": ["ready"]}, "service": {"type": "string"}},
  "additionalProperties": false
})";

constexpr const char* unavailable_schema = R"({
  "type": "object",
  "required": ["status", "service", "checks"],
  "properties": {
    "status": {"type": "string", "enum": ["unavailable"]},
    "service": {"type": "string"},
    "checks": {"type": "object", "description": "State of each dependency: `ok` or `unreachable`. `drain` is `in progress` while the daemon shuts down",
               "additionalProperties": {"type": "string", "enum": ["ok", "unreachable", "in progress"]}}
  },
  "additionalProperties": false
})";

constexpr const char* metrics_example =
    "# HELP prompted_apigw_http_connections Open connections\n# TYPE prompted_apigw_http_connections gauge\n"
    "prompted_apigw_http_connections 1\n";

http::Operation operation_of(std::string id, std::string summary) {
  http::Operation operation;
  operation.id = std::move(id);
  operation.tag = Health::tag().first;
  operation.summary = std::move(summary);
  return operation;
}

}  // namespace

http::Operation healthz_operation() {
  http::Operation operation = operation_of("getHealth", "Liveness check");
  operation.description =
      "For liveness probes. It ignores PostgreSQL: restarting the daemon would not restore the database.";
  operation.responses = {
      {200, "The process is running", {{"application/json", alive_schema, R"({"status":"ok","service":"apigw"})"}}}};
  return operation;
}

http::Operation readyz_operation() {
  http::Operation operation = operation_of("getReadiness", "Readiness check");
  operation.description =
      "For readiness probes. It reads only memory, so frequent probes are cheap. A full buffer does not make the "
      "daemon unready; draining after SIGTERM does.";
  operation.responses = {
      {200, "Ready to serve", {{"application/json", ready_schema, R"({"status":"ready","service":"apigw"})"}}},
      {503,
       "Not ready: a dependency is unavailable, or the daemon is draining",
       {{"application/json", unavailable_schema,
         R"({"status":"unavailable","service":"apigw","checks":{"postgres":"unreachable"}})"}}}};
  return operation;
}

http::Operation metrics_operation() {
  http::Operation operation = operation_of("getMetrics", "Prometheus metrics");
  operation.description = "Names begin with `prompted_<daemon>_`. Values are in base units; counters end in `_total`.";
  operation.responses = {{200, "Text format 0.0.4", {{"text/plain", R"({"type":"string"})", metrics_example}}}};
  return operation;
}

}  // namespace prompted::service
