#include "apigw/query.hpp"

#include "base/error.hpp"

namespace prompted::apigw {

namespace {

std::optional<base::Instant> parse_bound(std::string_view name, std::optional<std::string_view> text) {
  if (!text || text->empty()) return std::nullopt;
  const auto instant = base::parse_rfc3339(*text);
  // The text itself is not repeated: it may be no valid UTF-8.
  if (!instant) {
    throw base::invalid("invalid " + std::string(name) +
                        ": must be an RFC 3339 date-time such as 2026-01-31T12:00:00Z");
  }
  return instant;
}

}  // namespace

Window::Window(std::string_view id, std::optional<std::string_view> start_time,
               std::optional<std::string_view> end_time)
    : gpu_id(id), start(parse_bound("start_time", start_time)), end(parse_bound("end_time", end_time)) {
  if (start && end && *start > *end) throw base::invalid("start_time must be before or equal to end_time");
  // A NUL would cut the parameter short and show another GPU's rows.
  if (gpu_id.find('\0') != std::string::npos) throw base::invalid("invalid id: must not contain a NUL character");
}

}  // namespace prompted::apigw
