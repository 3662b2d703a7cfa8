#pragma once
// Instants with microsecond precision, as PostgreSQL's timestamptz stores them, and their RFC 3339 form.
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace prompted::base {

/// UTC, microseconds since 1970-01-01.
using Instant = std::chrono::sys_time<std::chrono::microseconds>;

/// Parses an RFC 3339 date-time (section 5.6). Also accepts what clients send: `t`, `z`, a space for `T`, and a space
/// for the `+` of an offset (a raw `+` in a query string decodes to a space). Fraction digits beyond six are truncated,
/// never rounded. A leap second (":60") is second 0 of the next minute. Returns nullopt for any other text, for a day
/// or time that does not exist, and for years outside 0001..9999 in UTC.
std::optional<Instant> parse_rfc3339(std::string_view text);

/// `2026-11-23T12:00:00.000000Z`, always six digits and Z.
std::string format_rfc3339(Instant instant);
/// Appends the same text to `out`.
void append_rfc3339(std::string& out, Instant instant);

/// The wall clock, truncated to microseconds.
Instant now_utc();

}  // namespace prompted::base
