#pragma once
// The texts of settings: durations as Go writes them, sizes, integers.
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace prompted::config {

/// Go's time.ParseDuration without a sign: `1h15m30.5s`, units h m s ms us µs ns; fractions are truncated to milliseconds;
/// "0" needs no unit.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);
/// The shortest such text: 1500 ms → "1.5s".
std::string format_duration(std::chrono::milliseconds duration);
/// `16MiB`, `64KiB`, `2GiB`, `512B`, `512`; no overflow.
std::optional<std::uint64_t> parse_bytes(std::string_view text);
std::optional<std::int64_t> parse_integer(std::string_view text);

}  // namespace prompted::config
