// The queue's requests and responses as JSON schemas. libs/models parses and writes them; tests compare the two.
#include "mqreader/operations.hpp"

namespace prompted::mqreader {

namespace {

constexpr const char* lease_request = R"({
  "type": "object",
  "required": ["topic", "consumer_id", "max", "lease_seconds"],
  "properties": {
    "topic": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[^\\u0000]*$"},
    "consumer_id": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[^\\u0000]*$", "description": "Name of the consumer; its acks must use the same name"},
    "max": {"type": "integer", "minimum": 1, "description": "Maximum number of messages; capped at 10000"},
    "lease_seconds": {"type": "number", "minimum": 0, "exclusiveMinimum": true, "description": "May be fractional; capped at 3600"},
    "wait_ms": {"type": "number", "minimum": 0, "maximum": 30000, "nullable": true, "description": "How long to wait for the first message, in milliseconds; default 0"}
  }
})";

constexpr const char* lease = R"({
  "type": "object",
  "required": ["lease_id", "lease_until", "messages"],
  "properties": {
    "lease_id": {"type": "string", "format": "uuid", "description": "New for each response, even without messages"},
    "lease_until": {"type": "string", "format": "date-time", "description": "UTC, by the reader's clock"},
    "messages": {"type": "array", "maxItems": 10000, "items": {"$ref": "#/components/schemas/Message"}}
  },
  "additionalProperties": false
})";

constexpr const char* message = R"({
  "type": "object",
  "required": ["msg_uuid", "attempts", "partition_key", "payload"],
  "properties": {
    "msg_uuid": {"type": "string", "format": "uuid", "description": "Unique within its topic; the same for every delivery"},
    "attempts": {"type": "integer", "minimum": 1, "description": "Number of deliveries, including this one"},
    "partition_key": {"type": "integer", "minimum": 0, "maximum": 65535},
    "payload": {"type": "object", "description": "The published message as stored in PostgreSQL's jsonb: the last of duplicate keys, and keys in jsonb's order", "additionalProperties": true}
  },
  "additionalProperties": false
})";

// Common to ack, nack and extend.
constexpr const char* target_properties = R"(
    "topic": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[^\\u0000]*$"},
    "consumer_id": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[^\\u0000]*$"},
    "lease_id": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[^\\u0000]*$", "description": "The `lease_id` of a lease response, a UUID. Any other text is an unknown lease"})";

// Of ack and nack; an extend is of the whole lease.
constexpr const char* some_properties = R"(,
    "msg_uuids": {"type": "array", "nullable": true, "maxItems": 10000, "items": {"type": "string", "format": "uuid"}, "description": "Only these messages of the lease; the whole lease if absent or null"})";

/// Each text continues a list.
std::string request(const std::string& more_required, const std::string& more_properties) {
  return R"({"type": "object", "required": ["topic", "consumer_id", "lease_id")" + more_required +
         R"(], "properties": {)" + target_properties + more_properties + "}}";
}

constexpr const char* nack_properties = R"(,
    "reason": {"type": "string", "nullable": true, "pattern": "^[^\\u0000]*$", "description": "Stored with a dead letter, truncated to 500 bytes of UTF-8"},
    "delay_ms": {"type": "number", "minimum": 0, "maximum": 3600000, "nullable": true, "description": "Delay before redelivery, in milliseconds; default 0"},
    "dead": {"type": "boolean", "nullable": true, "description": "true: do not redeliver, move to the dead letters"},
    "in_history": {"type": "boolean", "nullable": true, "description": "With `dead`: true if a row in the history with this msg_uuid has different content, so that the message is kept as a dead letter. If false, a message that is already in the history is only deleted"})";

constexpr const char* extend_properties = R"(,
    "lease_seconds": {"type": "number", "minimum": 0, "exclusiveMinimum": true, "description": "Lease duration from now; may be fractional; capped at 3600"})";

constexpr const char* ack_response = R"({
  "type": "object", "required": ["acked"], "properties": {"acked": {"type": "integer", "minimum": 0}}, "additionalProperties": false
})";

constexpr const char* nack_response = R"({
  "type": "object", "required": ["requeued", "dead"],
  "properties": {"requeued": {"type": "integer", "minimum": 0}, "dead": {"type": "integer", "minimum": 0}},
  "additionalProperties": false
})";

constexpr const char* extend_response = R"({
  "type": "object", "required": ["lease_until"],
  "properties": {"lease_until": {"type": "string", "format": "date-time"}}, "additionalProperties": false
})";

constexpr const char* partition = R"({
  "type": "object",
  "required": ["partition", "depth", "in_flight", "oldest_age_seconds"],
  "properties": {
    "partition": {"type": "integer", "minimum": 0, "maximum": 65535},
    "depth": {"type": "integer", "minimum": 0, "description": "Messages in memory, including leased ones"},
    "in_flight": {"type": "integer", "minimum": 0, "description": "Leased messages"},
    "oldest_age_seconds": {"type": "number", "minimum": 0, "description": "Age of the oldest message in memory; 0 if there is none"}
  },
  "additionalProperties": false
})";

constexpr const char* partitions = R"({
  "type": "object",
  "required": ["reader_id", "partition_count", "owned", "partitions"],
  "properties": {
    "reader_id": {"type": "string", "format": "uuid"},
    "partition_count": {"type": "integer", "minimum": 1, "maximum": 65536, "description": "`MQ_PARTITION_COUNT`"},
    "owned": {"type": "integer", "minimum": 0, "description": "Number of partitions that this reader currently owns"},
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
          {"AckAnswer", ack_response},
          {"NackRequest", request("", std::string(some_properties) + nack_properties)},
          {"NackAnswer", nack_response},
          {"ExtendRequest", request(R"(, "lease_seconds")", extend_properties)},
          {"ExtendAnswer", extend_response},
          {"Partitions", partitions},
          {"Partition", partition}};
}

}  // namespace prompted::mqreader
