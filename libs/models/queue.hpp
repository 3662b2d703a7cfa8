#pragma once
// The consumer's requests to mqreader. Each parser throws base::Error(invalid) with the texts of docs/api.md:
// `invalid JSON: …`, `topic is required`, `consumer_id is required`, `max must be > 0`, `lease_seconds must be > 0`,
// `lease_id is required`, `msg_uuids[i]: must be a UUID`, `wait_ms must be between 0 and 30000`, `delay_ms must be …`,
// `… must not be longer than 255 characters` and `msg_uuids must not hold more than 10000 UUIDs` (limits.hpp).
// Unknown members are ignored.
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "base/uuid.hpp"

namespace prompted::models {

struct LeaseRequest {
  std::string topic;
  std::string consumer_id;
  std::int64_t max = 0;               ///< capped at 10000 by the parser
  std::chrono::milliseconds lease{};  ///< lease_seconds may be fractional; at most 1 hour, capped
  std::chrono::milliseconds wait{};
};
LeaseRequest parse_lease(std::string_view body);

struct AckRequest {
  std::string topic;
  std::string consumer_id;
  std::string lease_id;                              ///< as sent: an unknown one acks 0 and is no error
  std::optional<std::vector<base::Uuid>> msg_uuids;  ///< absent (or null): the whole lease
};
AckRequest parse_ack(std::string_view body);

struct NackRequest {
  AckRequest target;
  std::string reason;                 ///< "" when absent; cut to max_reason_bytes
  std::chrono::milliseconds delay{};  ///< until the message is ready again; 0..3600000
  bool dead = false;
  bool in_history = false;  ///< with `dead`: the history has its id with another content, so the dead letter is kept
};
NackRequest parse_nack(std::string_view body);

struct ExtendRequest {
  AckRequest target;
  std::chrono::milliseconds lease{};
};
ExtendRequest parse_extend(std::string_view body);

std::string ack_response(std::size_t acked);                        ///< {"acked":N}
std::string nack_response(std::size_t requeued, std::size_t dead);  ///< {"requeued":N,"dead":M}
std::string extend_response(base::Instant lease_until);             ///< {"lease_until":"…"}

}  // namespace prompted::models
