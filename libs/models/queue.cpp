#include "models/queue.hpp"

#include <algorithm>
#include <cmath>

#include "models/limits.hpp"
#include "models/request_json.hpp"

namespace prompted::models {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds longest_lease = std::chrono::hours{1};
constexpr milliseconds longest_wait{30'000};
constexpr milliseconds longest_delay{3'600'000};

/// As a double: every number that has a meaning here is far below 2⁵³, and larger ones are capped.
double whole_number(const RequestObject& object, const char* name) {
  const double value = number(object, name);
  if (value != std::trunc(value)) throw bad(name, "must be an integer");
  return value;
}

/// 0..most, both included.
milliseconds milliseconds_up_to(milliseconds most, const RequestObject& object, const char* name) {
  const double value = number(object, name);
  if (value < 0 || value > static_cast<double>(most.count())) {
    throw bad(name, "must be between 0 and " + std::to_string(most.count()));
  }
  return milliseconds{static_cast<std::int64_t>(value)};
}

std::int64_t max_messages(const RequestObject& object) {
  const double value = whole_number(object, "max");
  if (value <= 0) throw bad("max", "must be > 0");
  return static_cast<std::int64_t>(std::min(value, static_cast<double>(max_lease_messages)));
}

/// Rounded up: a lease of a fraction of a millisecond is still a lease.
milliseconds lease_duration(const RequestObject& object) {
  const double seconds = number(object, "lease_seconds");
  if (seconds <= 0) throw bad("lease_seconds", "must be > 0");
  const double millis = std::min(seconds * 1000, static_cast<double>(longest_lease.count()));
  return milliseconds{static_cast<std::int64_t>(std::ceil(millis))};
}

std::string topic_of(const RequestObject& object) {
  std::string topic = required_text(object, "topic");
  require_characters("topic", topic, max_topic_characters);
  return topic;
}

std::string consumer_of(const RequestObject& object) {
  std::string consumer = required_text(object, "consumer_id");
  require_characters("consumer_id", consumer, max_consumer_characters);
  return consumer;
}

AckRequest lease_target(const RequestObject& object) {
  AckRequest target;
  target.topic = topic_of(object);
  target.consumer_id = consumer_of(object);
  target.lease_id = required_text(object, "lease_id");
  require_characters("lease_id", target.lease_id, max_lease_id_characters);
  target.msg_uuids = uuid_list(object, "msg_uuids");
  return target;
}

}  // namespace

LeaseRequest parse_lease(std::string_view body) {
  const RequestObject object = parse_object(body);
  LeaseRequest request;
  request.topic = topic_of(object);
  request.consumer_id = consumer_of(object);
  request.max = max_messages(object);
  request.lease = lease_duration(object);
  request.wait = milliseconds_up_to(longest_wait, object, "wait_ms");
  return request;
}

AckRequest parse_ack(std::string_view body) { return lease_target(parse_object(body)); }

NackRequest parse_nack(std::string_view body) {
  const RequestObject object = parse_object(body);
  NackRequest request;
  request.target = lease_target(object);
  request.reason = std::string(cut_to_bytes(text(object, "reason"), max_reason_bytes));
  request.delay = milliseconds_up_to(longest_delay, object, "delay_ms");
  request.dead = boolean(object, "dead");
  request.in_history = boolean(object, "in_history");
  return request;
}

ExtendRequest parse_extend(std::string_view body) {
  const RequestObject object = parse_object(body);
  ExtendRequest request;
  request.target = lease_target(object);
  request.lease = lease_duration(object);
  return request;
}

std::string ack_response(std::size_t acked) { return R"({"acked":)" + std::to_string(acked) + "}"; }

std::string nack_response(std::size_t requeued, std::size_t dead) {
  return R"({"requeued":)" + std::to_string(requeued) + R"(,"dead":)" + std::to_string(dead) + "}";
}

std::string extend_response(base::Instant lease_until) {
  return R"({"lease_until":")" + base::format_rfc3339(lease_until) + "\"}";
}

}  // namespace prompted::models
