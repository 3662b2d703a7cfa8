#pragma once
// Durations as text: one or more numbers, each with a unit, such as 1h30m.
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace prompted::base {

/// The two accepted syntaxes. Settings follow Go's time.ParseDuration without a sign: units h m s ms us µs ns, and
/// fractions, truncated to milliseconds; "0" needs no unit. Queries take whole numbers of w d h m s ms, and the sum
/// must be above zero.
enum class DurationStyle { setting, query };

/// nullopt for any other text, or for more than 292 years.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text, DurationStyle style);

/// The shortest form a setting accepts: 1500 ms → "1.5s".
std::string format_duration(std::chrono::milliseconds duration);
/// A whole number of the largest unit, up to days, that divides it: "7d", "90s".
std::string format_in_one_unit(std::chrono::milliseconds duration);

}  // namespace prompted::base
