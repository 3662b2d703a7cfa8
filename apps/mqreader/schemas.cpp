// The queue's requests and answers as JSON schemas. libs/models parses and writes them; tests compare the two.
#include "mqreader/operations.hpp"

namespace prompted::mqreader {

namespace {

constexpr const char* lease_request = R"({
  "type": "object",
  "required": ["topic", "consumer_id", "max", "lease_seconds"],
  "properties": {
    "topic": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[^\\u0000]*$"},
    "consumer_id": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[^\\u0000]*$", "description": "Name of the consumer; its acks must carry the same name"},
    "max": {"type": "integer", "minimum": 1, "description": "Maximum number of messages; capped at 10000"},
    "lease_seconds": {"type": "number", "minimum": 0, "exclusiveMinimum": true, "description": "May be fractional; capped at 3600"},
    "wait_ms": {"type": "number", "minimum": 0, "maximum": 30000, "nullable": true, "description": "How long to wait for a first message; 0 unless given"}
  }
})";

constexpr const char* lease = R"({
  "type": "object",
  "required": ["lease_id", "lease_until", "messages"],
  "properties": {
    "lease_id": {"type": "string", "format": "uuid", "description": "A fresh one each time, also without messages"},
    "lease_until": {"type": "string", "format": "date-time", "description": "UTC, by the reader's clock"},
    "messages": {"type": "array", "maxItems": 10000, "items": {"$ref": "#/components/schemas/Message"}}
  },
  "additionalProperties": false
})";

constexpr const char* message = R"({
  "type": "object",
  "required": ["msg_uuid", "attempts", "partition_key", "payload"],
  "properties": {
    "msg_uuid": {"type": "string", "format": "uuid", "description": "Unique in its topic; the same at each delivery"},
    "attempts": {"type": "integer", "minimum": 1, "description": "Deliveries, this one included"},
    "partition_key": {"type": "integer", "minimum": 0, "maximum": 65535},
    "payload": {"type": "object", "description": "As it was published, but as PostgreSQL's jsonb keeps it: of a repeated key the last, keys in its order", "additionalProperties": true}
  },
  "additionalProperties": false
})";

// Ack, nack and extend name messages alike.
constexpr const char* target_properties = R"(
    "topic": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[^\\u0000]*$"},
    "consumer_id": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[^\\u0000]*$"},
    "lease_id": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[^\\u0000]*$", "description": "The `lease_id` of a lease's answer, a UUID. Anything else is an unknown lease"})";

// Of ack and nack; an extend is of the whole lease.
constexpr const char* some_properties = R"(,
    "msg_uuids": {"type": "array", "nullable": true, "maxItems": 10000, "items": {"type": "string", "format": "uuid"}, "description": "These of the lease; all of it when absent or null"})";

/// Each text continues a list.
std::string request(const std::string& more_required, const std::string& more_properties) {
  return R"({"type": "object", "required": ["topic", "consumer_id", "lease_id")" + more_required +
         R"(], "properties": {)" + target_properties + more_properties + "}}";
}

constexpr const char* nack_properties = R"(,
    "reason": {"type": "string", "nullable": true, "pattern": "^[^\\u0000]*$", "description": "Kept with a dead letter, cut to its first 500 bytes of UTF-8"},
    "delay_ms": {"type": "number", "minimum": 0, "maximum": 3600000, "nullable": true, "description": "Before it is ready again; 0 unless given"},
    "dead": {"type": "boolean", "nullable": true, "description": "true: never again, to the dead letters"},
    "in_history": {"type": "boolean", "nullable": true, "description": "With `dead`: should the history have this msg_uuid, then with another content. Without it a message that the history has is only removed"})";

constexpr const char* extend_properties = R"(,
    "lease_seconds": {"type": "number", "minimum": 0, "exclusiveMinimum": true, "description": "From now; may be fractional; capped at 3600"})";

constexpr const char* ack_answer = R"({
  "type": "object", "required": ["acked"], "properties": {"acked": {"type": "integer", "minimum": 0}}, "additionalProperties": false
})";

constexpr const char* nack_answer = R"({
  "type": "object", "required": ["requeued", "dead"],
  "properties": {"requeued": {"type": "integer", "minimum": 0}, "dead": {"type": "integer", "minimum": 0}},
  "additionalProperties": false
})";

constexpr const char* extend_answer = R"({
  "type": "object", "required": ["lease_until"],
  "properties": {"lease_until": {"type": "string", "format": "date-time"}}, "additionalProperties": false
})";

constexpr const char* partition = R"({
  "type": "object",
  "required": ["partition", "depth", "in_flight", "oldest_age_seconds"],
  "properties": {
    "partition": {"type": "integer", "minimum": 0, "maximum": 65535},
    "depth": {"type": "integer", "minimum": 0, "description": "Messages in memory, leased ones too"},
    "in_flight": {"type": "integer", "minimum": 0, "description": "Leased ones"},
    "oldest_age_seconds": {"type": "number", "minimum": 0, "description": "Since the oldest of them was published; 0 without any"}
  },
  "additionalProperties": false
})";

constexpr const char* partitions = R"({
  "type": "object",
  "required": ["reader_id", "partition_count", "owned", "partitions"],
  "properties": {
    "reader_id": {"type": "string", "format": "uuid"},
    "partition_count": {"type": "integer", "minimum": 1, "maximum": 65536, "description": "`MQ_PARTITION_COUNT`"},
    "owned": {"type": "integer", "minimum": 0, "description": "How many of them this reader owns now"},
    "partitions": {"type": "array", "items": {"$ref": "#/components/schemas/Partition"}}
  },
  "additionalProperties": false
})";

}  // namespace

Components queue_schemas() {
  return {{"LeaseRequest", lease_request},
          {"Lease", lease},
          {"Message", message},
          {"AckRequest", request("", some_properties)},
          {"AckAnswer", ack_answer},
          {"NackRequest", request("", std::string(some_properties) + nack_properties)},
          {"NackAnswer", nack_answer},
          {"ExtendRequest", request(R"(, "lease_seconds")", extend_properties)},
          {"ExtendAnswer", extend_answer},
          {"Partitions", partitions},
          {"Partition", partition}};
}

}  // namespace prompted::mqreader
