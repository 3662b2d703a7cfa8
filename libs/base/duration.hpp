#pragma once
// Durations as texts: one or more numbers, each with its unit, such as 1h30m.
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace prompted::base {

/// Settings are written as for Go's time.ParseDuration, without a sign: units h m s ms us µs ns, and fractions, which
/// are truncated to milliseconds; "0" needs no unit. Queries have whole numbers of w d h m s ms, and a sum above zero.
enum class DurationStyle { setting, query };

/// nullopt: not such a text, or more than 292 years.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text, DurationStyle style);

/// The shortest text of a setting: 1500 ms → "1.5s".
std::string format_duration(std::chrono::milliseconds duration);
/// In the largest unit up to days that leaves a whole number: "7d", "90s".
std::string format_in_one_unit(std::chrono::milliseconds duration);

}  // namespace prompted::base
