#pragma once
// The response to POST /v1/lease, spliced from payload texts without parsing or building JSON (docs/api.md).
#include <cstddef>
#include <string>
#include <string_view>

#include "base/time.hpp"
#include "base/uuid.hpp"

namespace prompted::models {

class LeaseResponseWriter {
 public:
  LeaseResponseWriter(const base::Uuid& lease_id, base::Instant lease_until, std::size_t bytes_expected);

  /// `payload` is a JSON object's text, copied verbatim.
  void add(const base::Uuid& msg_uuid, int attempts, int partition_key, std::string_view payload);
  std::string finish() &&;

 private:
  std::string out_;
  bool first_ = true;
};

}  // namespace prompted::models
