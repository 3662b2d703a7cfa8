#pragma once
// The consumer's side of models/queue.hpp: the requests it sends to mqreader and the responses it parses (docs/api.md).
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/uuid.hpp"
#include "models/telemetry_row.hpp"

namespace prompted::models {

/// What a nack says about a message.
struct NackVerdict {
  std::string reason;       ///< names the field at fault
  bool dead = true;         ///< it can never become a row; false: redeliver it
  bool in_history = false;  ///< with `dead`: if the history has its id, the content differs
  friend auto operator<=>(const NackVerdict&, const NackVerdict&) = default;
};

/// A message that did not become a row, and why.
struct Poison {
  /// Such a message cannot be the row that the history may have under its id.
  Poison(const base::Uuid& uuid, std::string why) : msg_uuid(uuid), verdict{std::move(why), true, true} {}
  Poison(const base::Uuid& uuid, NackVerdict what) : msg_uuid(uuid), verdict(std::move(what)) {}

  base::Uuid msg_uuid;
  NackVerdict verdict;
};

/// Every message of the lease is in one of the two lists.
struct LeaseResponse {
  LeaseResponse() = default;  // not an aggregate: it travels through coroutines (docs/toolchain.md)

  std::string lease_id;
  std::vector<TelemetryRow> rows;
  std::vector<Poison> poison;

  std::size_t messages() const { return rows.size() + poison.size(); }
};

/// Throws base::Error(invalid) if the response is not one of mqreader's. A bad payload, including a number beyond a
/// double's range, affects only its own message.
LeaseResponse parse_lease_response(std::string_view body);

/// The consumer's requests. Empty `uuids` mean the whole lease, as in the earlier system.
std::string lease_body(std::string_view topic, std::string_view consumer_id, std::int64_t max,
                       std::int64_t lease_seconds, std::chrono::milliseconds wait);
std::string ack_body(std::string_view topic, std::string_view consumer_id, std::string_view lease_id,
                     const std::vector<base::Uuid>& uuids);
std::string nack_body(std::string_view topic, std::string_view consumer_id, std::string_view lease_id,
                      const std::vector<base::Uuid>& uuids, const NackVerdict& verdict);
std::string extend_body(std::string_view topic, std::string_view consumer_id, std::string_view lease_id,
                        std::int64_t lease_seconds);

}  // namespace prompted::models
