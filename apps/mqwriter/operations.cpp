#include "mqwriter/parameters.hpp"
#include "mqwriter/routes.hpp"
#include "service/health.hpp"

namespace prompted::mqwriter {

namespace {

constexpr const char* title_text = "prompted mqwriter";
constexpr const char* api_text = R"(The write side of the queue: accepts telemetry rows and stores them in PostgreSQL.

Request bodies are parsed as JSON whatever the `Content-Type`. Errors are RFC 9457 problem details; `error` repeats
`detail` for older clients. A 503 carries `Retry-After` in seconds: retry after that time, and retry a publish with
the same `Idempotency-Key`.)";

constexpr const char* publish_text =
    R"(Returns after the COMMIT: a publish that got 200 survives a crash of any component and is delivered. If the
commit takes longer than 8 seconds, it returns 503. After a 503 or a broken connection the rows may still have been
stored; a retry with the same `Idempotency-Key` stores none of them twice. Reusing a key for different content returns
409, which names the message, while the first message is still in the queue. After that, the new message becomes a
dead letter with that reason. A publish that gets a 4xx stores nothing.

All or nothing: one invalid message rejects the request, and the error names it, as in `messages[3]: gpu_id is
required`. mqwriter checks that each message is an object, identifies its GPU (in `uuid` if that begins with `GPU-` or
`MIG-`, otherwise in `gpu_id`), contains no NUL character, is at most 256 KiB, and has no name (any text except
`labels_raw`) longer than 256 characters. The body may nest at most 64 levels deep. The collector checks the other
members: a message that is not a telemetry row becomes a dead letter with the reason.

A body larger than `HTTP_MAX_BODY` (default 16 MiB) or with more than 10,000 messages gets 413. If the buffer is full,
the request waits for up to 1 second and then gets 503.)";

// A row as in samples/telemetry.csv.
constexpr const char* publish_example = R"({
  "topic": "telemetry",
  "messages": [{
    "timestamp": "2026-02-15T10:00:01Z",
    "metric_name": "DCGM_FI_DEV_GPU_UTIL",
    "gpu_id": "GPU-0a1b2c3d",
    "device": "nvidia0",
    "uuid": "3f8b82b7-90bf-535e-8960-97943c72b6b3",
    "model_name": "NVIDIA H100 80GB HBM3",
    "hostname": "gpu-node-01",
    "container": "trainer",
    "pod": "llm-train-0",
    "namespace": "ml-team",
    "value": 97,
    "labels_raw": "DCGM_FI_DRIVER_VERSION=\"535.129.03\",job=\"dcgm-exporter\",instance=\"gpu-node-01:9400\""
  }]
})";

constexpr const char* publish_request_schema = R"({
  "type": "object",
  "required": ["topic", "messages"],
  "properties": {
    "topic": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[^\\u0000]*$",
              "description": "Name of the queue. Collectors lease from `telemetry`; any other topic is created by publishing to it."},
    "messages": {"type": "array", "minItems": 1, "items": {"$ref": "#/components/schemas/Row"}}
  }
})";

constexpr const char* row_schema = R"({
  "type": "object",
  "description": "The columns of the streamer's CSV. Unknown members are kept in the queue. Empty strings, NaN and DCGM's blank values become NULL in the history",
  "properties": {
    "timestamp": {"type": "string", "format": "date-time", "description": "RFC 3339; required by the collector"},
    "metric_name": {"type": "string", "description": "Required by the collector"},
    "gpu_id": {"type": "string", "description": "Identifies the GPU unless `uuid` does. In a DCGM dump it is only the index of the GPU on its host"},
    "device": {"type": "string", "nullable": true},
    "uuid": {"type": "string", "nullable": true, "description": "`GPU-…` or `MIG-…` identifies the GPU. Anything else is the id of the row in its file"},
    "model_name": {"type": "string", "nullable": true},
    "hostname": {"type": "string", "nullable": true},
    "container": {"type": "string", "nullable": true},
    "pod": {"type": "string", "nullable": true},
    "namespace": {"type": "string", "nullable": true},
    "value": {"description": "A number, a numeric string, or null",
              "anyOf": [{"type": "number", "nullable": true}, {"type": "string"}]},
    "labels_raw": {"type": "string", "nullable": true}
  },
  "anyOf": [
    {"required": ["gpu_id"], "properties": {"gpu_id": {"type": "string", "minLength": 1}}},
    {"required": ["uuid"], "properties": {"uuid": {"type": "string", "pattern": "^(GPU|MIG)-"}}}
  ],
  "additionalProperties": true
})";

constexpr const char* publish_response_schema = R"({
  "type": "object",
  "required": ["accepted", "duplicates"],
  "properties": {
    "accepted": {"type": "integer", "minimum": 1, "description": "Number of messages in the request; all of them are stored in PostgreSQL"},
    "duplicates": {"type": "integer", "minimum": 0, "description": "Number of messages that were already in the queue. Always 0 without an `Idempotency-Key`. Messages already consumed are not counted; the history still stores them once"}
  },
  "additionalProperties": false
})";

constexpr const char* buffer_schema = R"({
  "type": "object",
  "required": ["buffer_utilization"],
  "properties": {"buffer_utilization": {"type": "number", "minimum": 0, "maximum": 1}},
  "additionalProperties": false
})";

}  // namespace

http::Operation publish_operation() {
  http::Operation operation;
  operation.id = "publish";
  operation.tag = "queue";
  operation.summary = "Publish messages";
  operation.description = publish_text;
  operation.parameters = http::describe<PublishParameters>();
  operation.body = http::BodyDoc{"application/json", http::ref("PublishRequest"), publish_example};
  operation.responses = {{200,
                          "All messages are committed",
                          {{"application/json", http::ref("PublishAnswer"), R"({"accepted":1,"duplicates":0})"}}}};
  operation.problems = {409};
  return operation;
}

http::Operation buffer_operation() {
  http::Operation operation;
  operation.id = "getBufferMetrics";
  operation.tag = "queue";
  operation.summary = "Buffer utilization";
  operation.description =
      "Buffered messages divided by `MQ_BUFFER_CAPACITY`, for autoscalers (KEDA's metrics-api). Messages count while "
      "they wait for a flush and during it. Near 1, publishes are about to get 503.";
  operation.responses = {{200,
                          "From 0 (empty) to 1 (full)",
                          {{"application/json", http::ref("BufferMetrics"), R"({"buffer_utilization":0.0})"}}}};
  return operation;
}

http::Api api() {
  http::Api api;
  api.title = title_text;
  api.description = api_text;
  api.tags = {{"queue", "Publishing"}, service::Health::tag()};
  api.components = {{"PublishRequest", publish_request_schema},
                    {"Row", row_schema},
                    {"PublishAnswer", publish_response_schema},
                    {"BufferMetrics", buffer_schema}};
  return api;
}

}  // namespace prompted::mqwriter
