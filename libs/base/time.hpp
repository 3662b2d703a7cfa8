#pragma once
// Instants with microseconds, as PostgreSQL's timestamptz keeps them, and their RFC 3339 texts.
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace prompted::base {

/// UTC, microseconds since 1970-01-01.
using Instant = std::chrono::sys_time<std::chrono::microseconds>;

/// RFC 3339 section 5.6 date-time. Also taken, because clients send them: `t`, `z`, a blank for `T`, and a blank
/// for the `+` of an offset (a raw `+` in a query string becomes a blank). Digits of the fraction beyond six are
/// truncated, never rounded. A leap second (":60") is the next minute's second 0. nullopt: not such a text, or no
/// such day or time, or outside the years 0001..9999 once it is UTC.
std::optional<Instant> parse_rfc3339(std::string_view text);

/// `2026-11-23T12:00:00.000000Z`, always six digits and Z.
std::string format_rfc3339(Instant instant);
/// The same, appended.
void append_rfc3339(std::string& out, Instant instant);

/// The wall clock, truncated to microseconds.
Instant now_utc();

}  // namespace prompted::base
