#include "models/lease_response_writer.hpp"

#include <utility>

#include "base/json.hpp"

namespace prompted::models {

LeaseResponseWriter::LeaseResponseWriter(const base::Uuid& lease_id, base::Instant lease_until,
                                         std::size_t bytes_expected) {
  out_.reserve(bytes_expected + 256);
  base::JsonObject response(out_);
  response.uuid("lease_id", lease_id);
  response.time("lease_until", lease_until);
  response.array("messages");  // finish() closes both
}

void LeaseResponseWriter::add(const base::Uuid& msg_uuid, int attempts, int partition_key, std::string_view payload) {
  auto message = base::JsonArray(out_, std::exchange(first_, false)).object();
  message.uuid("msg_uuid", msg_uuid);
  message.number("attempts", attempts);
  message.number("partition_key", partition_key);
  message.raw("payload", payload);
  message.end();
}

std::string LeaseResponseWriter::finish() && {
  out_ += "]}";
  return std::move(out_);
}

}  // namespace prompted::models
