#pragma once
// What a telemetry request asks for, and its checks (DESIGN section 2).
#include <optional>
#include <string>
#include <string_view>

#include "base/time.hpp"

namespace prompted::apigw {

/// One GPU's rows between two instants, both inclusive; an absent bound is open.
struct Window {
  Window(std::string_view id, std::optional<std::string_view> start_time, std::optional<std::string_view> end_time);

  std::string gpu_id;
  std::optional<base::Instant> start;
  std::optional<base::Instant> end;
};
/// The constructor throws base::Error(invalid): `invalid start_time: …`, `invalid end_time: …`,
/// `start_time must be before or equal to end_time`, `invalid id: …`.

}  // namespace prompted::apigw
