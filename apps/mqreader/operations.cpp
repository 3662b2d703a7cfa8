#include "mqreader/operations.hpp"

#include "mqreader/routes.hpp"
#include "service/health.hpp"

namespace prompted::mqreader {

namespace {

constexpr const char* api_text =
    R"(The read side of the queue: leases messages to consumers and accepts their acknowledgements.

A consumer leases messages, processes them, and acknowledges them before the lease ends. Messages that it does not
acknowledge are redelivered: delivery is at least once, and the history still stores each row once. Readers share the
queue's partitions, so each reader delivers only the messages of its partitions. A `lease_id` identifies its reader:
send ack, nack and extend to any reader, which forwards them.

Request bodies are parsed as JSON whatever the `Content-Type`. Unknown members are ignored. A body larger than
`HTTP_MAX_BODY` (default 1 MiB) gets 413. Errors are RFC 9457 problem details; `error` repeats `detail` for older
clients. A 503 carries `Retry-After` in seconds.)";

constexpr const char* lease_text =
    R"(Leases up to `max` messages for `lease_seconds`. When nothing is ready, it waits up to `wait_ms` for a first
message (long poll) and then returns no messages. It never waits for `max` of them.

A lease holds at most 10,000 messages or about 4 MiB, and fewer while other responses wait for slow clients. It lasts
at most one hour. Requests above these limits are capped. `attempts` counts deliveries: above 1, the message was
leased before.

Any topic can be leased from. A reader keeps up to 64 topics in memory. To serve another, it evicts the topic that has
been idle the longest: one without leases, delayed messages or requests. It returns 503 if all 64 are in use.)";

constexpr const char* ack_text =
    R"(Returns after the DELETE has committed: an acknowledged message is never delivered again. Without `msg_uuids`
it acknowledges the whole lease. A message of an expired lease can still be acknowledged until it is leased again,
unless the reader has evicted the idle topic to make room for another. An unknown lease, another topic or another
consumer acknowledges 0 messages, which is not an error. Retrying is safe.

After 8 seconds without a commit it returns 503; the delete continues.)";

constexpr const char* nack_text =
    R"(The messages are redelivered after `delay_ms`. With `"dead": true`, or at delivery number `MQ_MAX_ATTEMPTS`
(default 5), they become dead letters with the reason instead. Without `msg_uuids` it rejects the whole lease. An
unknown lease, another topic or another consumer rejects 0 messages, which is not an error.)";

constexpr const char* extend_text =
    R"(Sets the whole lease to end `lease_seconds` from now. Returns 409 if the lease is unknown or has expired, or if
none of its messages is still leased: other consumers may be processing them.)";

http::Operation operation_of(std::string id, std::string summary, std::string description) {
  http::Operation operation;
  operation.id = std::move(id);
  operation.tag = "queue";
  operation.summary = std::move(summary);
  operation.description = std::move(description);
  return operation;
}

}  // namespace

http::Operation lease_operation() {
  http::Operation operation = operation_of("lease", "Lease messages", lease_text);
  operation.body = http::BodyDoc{"application/json", http::ref("LeaseRequest"),
                                 R"({"topic":"try","consumer_id":"me","max":2,"lease_seconds":30,"wait_ms":1000})"};
  operation.responses = {
      {200,
       "The messages, or none",
       {{"application/json", http::ref("Lease"),
         R"({"lease_id":"65c6ebdc-3973-87de-99e0-e1c69c0391cb","lease_until":"2026-11-23T16:25:56.735823Z","messages":[
        {"msg_uuid":"0198c5d2-7a00-7000-8000-000000000010","attempts":1,"partition_key":11,"payload":{"gpu_id":"GPU-0a1b2c3d",
         "metric_name":"DCGM_FI_DEV_GPU_UTIL","timestamp":"2026-02-15T10:00:01Z","value":97}}]})"}}}};
  return operation;
}

http::Operation ack_operation() {
  http::Operation operation = operation_of("ack", "Acknowledge messages", ack_text);
  operation.body =
      http::BodyDoc{"application/json", http::ref("AckRequest"),
                    R"({"topic":"try","consumer_id":"me","lease_id":"65c6ebdc-3973-87de-99e0-e1c69c0391cb"})"};
  operation.responses = {
      {200, "The number of messages deleted", {{"application/json", http::ref("AckAnswer"), R"({"acked":2})"}}}};
  return operation;
}

http::Operation nack_operation() {
  http::Operation operation = operation_of("nack", "Reject messages (nack)", nack_text);
  operation.body = http::BodyDoc{"application/json", http::ref("NackRequest"),
                                 R"({"topic":"try","consumer_id":"me","lease_id":"65c6ebdc-3973-87de-99e0-e1c69c0391cb",
          "msg_uuids":["0198c5d2-7a00-7000-8000-000000000010"],"reason":"the database is unavailable","delay_ms":5000})"};
  operation.responses = {{200,
                          "The numbers of messages requeued and dead-lettered",
                          {{"application/json", http::ref("NackAnswer"), R"({"requeued":1,"dead":0})"}}}};
  return operation;
}

http::Operation extend_operation() {
  http::Operation operation = operation_of("extend", "Extend a lease", extend_text);
  operation.body = http::BodyDoc{
      "application/json", http::ref("ExtendRequest"),
      R"({"topic":"try","consumer_id":"me","lease_id":"65c6ebdc-3973-87de-99e0-e1c69c0391cb","lease_seconds":30})"};
  operation.responses = {
      {200,
       "The new end of the lease",
       {{"application/json", http::ref("ExtendAnswer"), R"({"lease_until":"2026-11-23T16:26:26.735823Z"})"}}}};
  operation.problems = {409};
  return operation;
}

http::Operation partitions_operation() {
  http::Operation operation = operation_of(
      "listPartitions", "List the partitions of this reader",
      "The partitions that this reader owns, and how many messages of each are in its memory, for all topics loaded. A "
      "message's partition is the FNV-1a hash of its GPU modulo `MQ_PARTITION_COUNT`.");
  operation.responses = {{200,
                          "The partitions, in ascending order",
                          {{"application/json", http::ref("Partitions"),
                            R"({"reader_id":"65c6ebdc-3973-47de-99e0-e1c69c0391cb","partition_count":256,"owned":1,
          "partitions":[{"partition":11,"depth":120,"in_flight":100,"oldest_age_seconds":1.25}]})"}}}};
  return operation;
}

http::Api api() {
  http::Api api;
  api.title = "prompted mqreader";
  api.description = api_text;
  api.tags = {{"queue", "Leases and acknowledgements"},
              {"dead letters", "Messages that are no longer delivered, with the reason"},
              service::Health::tag()};
  api.components = queue_schemas();
  for (auto& schema : dead_letter_schemas()) api.components.push_back(std::move(schema));
  return api;
}

}  // namespace prompted::mqreader
