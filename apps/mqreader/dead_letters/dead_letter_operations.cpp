#include "mqreader/dead_letters/parameters.hpp"
#include "mqreader/operations.hpp"

namespace prompted::mqreader {

namespace {

constexpr const char* redrive_text =
    R"(Puts dead letters back into the queue with their attempts reset, using the payload that the table
`dead_letters` holds now. Repair a payload with an SQL UPDATE before redriving it, if necessary. Requires exactly one
of `msg_uuids` and `"all": true`.

`all` selects the messages that were dead-lettered before the request began, so one that fails again is not redriven
twice. They are processed in pages of 500, each committed separately: after a 503 earlier pages are done, and a retry
processes the rest. Dead letters locked by another transaction are skipped.)";

constexpr const char* purge_text =
    R"(Deletes dead letters permanently. Requires exactly one of `msg_uuids` and `"all": true`. Paging and locking are
as for redrive.)";

constexpr const char* selection_example = R"({"topic":"try","msg_uuids":["0198c5d2-7a00-7000-8000-000000000010"]})";

// Exactly one of the two ways to select dead letters.
constexpr const char* selection_schema = R"({
  "type": "object",
  "properties": {
    "topic": {"type": "string", "minLength": 1, "maxLength": 255, "nullable": true, "pattern": "^[^\\u0000]*$", "description": "Only dead letters of this topic; all topics if absent or null"},
    "msg_uuids": {"type": "array", "maxItems": 10000, "items": {"type": "string", "format": "uuid"}, "description": "UUIDs without a dead letter are ignored"},
    "all": {"type": "boolean", "nullable": true}
  },
  "oneOf": [
    {"required": ["msg_uuids"], "properties": {"all": {"type": "boolean", "nullable": true, "enum": [false, null]}}},
    {"required": ["all"], "properties": {"all": {"type": "boolean", "enum": [true]}}, "not": {"required": ["msg_uuids"]}}
  ]
})";

constexpr const char* letter_schema = R"({
  "type": "object",
  "required": ["topic", "msg_uuid", "partition_key", "attempts", "reason", "created_at", "died_at", "payload"],
  "properties": {
    "topic": {"type": "string"},
    "msg_uuid": {"type": "string", "format": "uuid", "description": "Unique within its topic"},
    "partition_key": {"type": "integer", "minimum": 0, "maximum": 65535},
    "attempts": {"type": "integer", "minimum": 0, "description": "Number of deliveries before the message was dead-lettered"},
    "reason": {"type": "string", "description": "Given by the consumer, or by the reader that dead-lettered the message"},
    "created_at": {"type": "string", "format": "date-time", "description": "When it was published"},
    "died_at": {"type": "string", "format": "date-time"},
    "payload": {"type": "object", "additionalProperties": true}
  },
  "additionalProperties": false
})";

constexpr const char* letters_schema = R"({
  "type": "object",
  "required": ["dead_letters", "next_cursor"],
  "properties": {
    "dead_letters": {"type": "array", "maxItems": 1000, "items": {"$ref": "#/components/schemas/DeadLetter"}},
    "next_cursor": {"type": "string", "nullable": true, "pattern": "^[0-9a-f]+$", "description": "`cursor` of the next page; null on the last page"}
  },
  "additionalProperties": false
})";

constexpr const char* list_example =
    R"({"dead_letters":[{"topic":"telemetry","msg_uuid":"0198c5d2-7a00-7000-8000-000000000010",
  "partition_key":11,"attempts":1,"reason":"value: must be a number","created_at":"2026-11-23T16:25:26.735823Z",
  "died_at":"2026-11-23T16:25:27.001204Z","payload":{"gpu_id":"GPU-0a1b2c3d","value":"not a number"}}],"next_cursor":null})";

constexpr const char* redriven_schema = R"({
  "type": "object", "required": ["redriven"], "properties": {"redriven": {"type": "integer", "minimum": 0}}, "additionalProperties": false
})";

constexpr const char* purged_schema = R"({
  "type": "object", "required": ["purged"], "properties": {"purged": {"type": "integer", "minimum": 0}}, "additionalProperties": false
})";

http::Operation operation_of(std::string id, std::string summary, std::string description) {
  http::Operation operation;
  operation.id = std::move(id);
  operation.tag = "dead letters";
  operation.summary = std::move(summary);
  operation.description = std::move(description);
  return operation;
}

}  // namespace

http::Operation list_operation() {
  http::Operation operation = operation_of(
      "listDeadLetters", "List dead letters",
      "Returns one page, oldest dead letter first. Continue with `next_cursor` until it is null. Every reader lists "
      "all dead letters, whichever partitions it owns.");
  operation.parameters = http::describe<DeadLetterParameters>();
  operation.responses = {{200, "One page", {{"application/json", http::ref("DeadLetters"), list_example}}}};
  return operation;
}

http::Operation redrive_operation() {
  http::Operation operation = operation_of("redriveDeadLetters", "Redrive dead letters", redrive_text);
  operation.body = http::BodyDoc{"application/json", http::ref("DeadLetterSelection"), selection_example};
  operation.responses = {{200,
                          "The number of messages redriven",
                          {{"application/json", http::ref("RedriveAnswer"), R"({"redriven":1})"}}}};
  return operation;
}

http::Operation purge_operation() {
  http::Operation operation = operation_of("purgeDeadLetters", "Delete dead letters", purge_text);
  operation.body = http::BodyDoc{"application/json", http::ref("DeadLetterSelection"), selection_example};
  operation.responses = {
      {200, "The number of dead letters deleted", {{"application/json", http::ref("PurgeAnswer"), R"({"purged":1})"}}}};
  return operation;
}

Components dead_letter_schemas() {
  return {{"DeadLetterSelection", selection_schema},
          {"DeadLetters", letters_schema},
          {"DeadLetter", letter_schema},
          {"RedriveAnswer", redriven_schema},
          {"PurgeAnswer", purged_schema}};
}

}  // namespace prompted::mqreader
