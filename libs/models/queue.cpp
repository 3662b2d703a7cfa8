#include "models/queue.hpp"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "models/request_json.hpp"

namespace prompted::models {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;

constexpr std::int64_t most_messages = 10'000;
constexpr milliseconds longest_lease = std::chrono::hours{1};
constexpr milliseconds longest_wait{30'000};
constexpr milliseconds longest_delay{3'600'000};

/// 0 when absent. As a double: every number that has a meaning here is far below 2⁵³, and larger ones are capped.
double number(const json& object, const char* name) {
  const json* value = member(object, name);
  if (value == nullptr) return 0;
  if (!value->is_number()) throw bad(name, "must be a number");
  return value->get<double>();
}

double whole_number(const json& object, const char* name) {
  const double value = number(object, name);
  if (value != std::trunc(value)) throw bad(name, "must be an integer");
  return value;
}

/// 0..most, both included.
milliseconds milliseconds_up_to(milliseconds most, const json& object, const char* name) {
  const double value = number(object, name);
  if (value < 0 || value > static_cast<double>(most.count())) {
    throw bad(name, "must be between 0 and " + std::to_string(most.count()));
  }
  return milliseconds{static_cast<std::int64_t>(value)};
}

std::int64_t max_messages(const json& object) {
  const double value = whole_number(object, "max");
  if (value <= 0) throw bad("max", "must be > 0");
  return static_cast<std::int64_t>(std::min(value, static_cast<double>(most_messages)));
}

/// Rounded up: a lease of a fraction of a millisecond is still a lease.
milliseconds lease_duration(const json& object) {
  const double seconds = number(object, "lease_seconds");
  if (seconds <= 0) throw bad("lease_seconds", "must be > 0");
  const double millis = std::min(seconds * 1000, static_cast<double>(longest_lease.count()));
  return milliseconds{static_cast<std::int64_t>(std::ceil(millis))};
}

AckRequest lease_target(const json& object) {
  AckRequest target;
  target.topic = required_text(object, "topic");
  target.consumer_id = required_text(object, "consumer_id");
  target.lease_id = required_text(object, "lease_id");
  target.msg_uuids = uuid_list(object, "msg_uuids");
  return target;
}

}  // namespace

LeaseRequest parse_lease(std::string_view body) {
  const json object = parse_object(body);
  LeaseRequest request;
  request.topic = required_text(object, "topic");
  request.consumer_id = required_text(object, "consumer_id");
  request.max = max_messages(object);
  request.lease = lease_duration(object);
  request.wait = milliseconds_up_to(longest_wait, object, "wait_ms");
  return request;
}

AckRequest parse_ack(std::string_view body) { return lease_target(parse_object(body)); }

NackRequest parse_nack(std::string_view body) {
  const json object = parse_object(body);
  NackRequest request;
  request.target = lease_target(object);
  request.reason = text(object, "reason");
  request.delay = milliseconds_up_to(longest_delay, object, "delay_ms");
  request.dead = boolean(object, "dead");
  request.in_history = boolean(object, "in_history");
  return request;
}

ExtendRequest parse_extend(std::string_view body) {
  const json object = parse_object(body);
  ExtendRequest request;
  request.target = lease_target(object);
  request.lease = lease_duration(object);
  return request;
}

std::string ack_reply(std::size_t acked) { return R"({"acked":)" + std::to_string(acked) + "}"; }

std::string nack_reply(std::size_t requeued, std::size_t dead) {
  return R"({"requeued":)" + std::to_string(requeued) + R"(,"dead":)" + std::to_string(dead) + "}";
}

std::string extend_reply(base::Instant lease_until) {
  return R"({"lease_until":")" + base::format_rfc3339(lease_until) + "\"}";
}

}  // namespace prompted::models
