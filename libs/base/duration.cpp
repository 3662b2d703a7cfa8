#include "base/duration.hpp"

#include <array>
#include <cstdint>
#include <limits>
#include <span>

#include "base/text.hpp"

namespace prompted::base {
namespace {

using std::chrono::milliseconds;

struct Unit {
  std::string_view name;
  std::uint64_t nanoseconds;
};

/// Longer names precede their own prefixes.
constexpr std::array<Unit, 8> setting_units{{{"ms", 1'000'000},
                                             {"us", 1'000},
                                             {"\u00b5s", 1'000},  // micro sign
                                             {"\u03bcs", 1'000},  // Greek mu
                                             {"ns", 1},
                                             {"h", 3'600'000'000'000},
                                             {"m", 60'000'000'000},
                                             {"s", 1'000'000'000}}};
constexpr std::array<Unit, 6> query_units{{{"ms", 1'000'000},
                                           {"s", 1'000'000'000},
                                           {"m", 60'000'000'000},
                                           {"h", 3'600'000'000'000},
                                           {"d", 86'400'000'000'000},
                                           {"w", 604'800'000'000'000}}};

constexpr std::uint64_t most = std::numeric_limits<std::int64_t>::max();

std::string_view take_digits(std::string_view& text) {
  std::size_t count = 0;
  while (count < text.size() && is_digit(text[count])) ++count;
  const std::string_view digits = text.substr(0, count);
  text.remove_prefix(count);
  return digits;
}

const Unit* take_unit(std::span<const Unit> units, std::string_view& text) {
  for (const Unit& unit : units) {
    if (!text.starts_with(unit.name)) continue;
    text.remove_prefix(unit.name.size());
    return &unit;
  }
  return nullptr;
}

/// "0.digits" of a unit, truncated.
std::uint64_t fraction_of(std::string_view digits, std::uint64_t unit) {
  std::uint64_t sum = 0;
  for (char c : digits) {
    // unit/10 first: digits finer than a nanosecond add nothing. An hour is 36·10¹¹ ns, so no digit is lost that
    // milliseconds could show.
    unit /= 10;
    sum += unit * static_cast<std::uint64_t>(c - '0');
  }
  return sum;
}

/// Takes "1.5h" off the front; at most 2⁶³ nanoseconds.
std::optional<std::uint64_t> take_part(std::string_view& text, std::span<const Unit> units, bool fractions) {
  const std::string_view whole = take_digits(text);
  std::string_view fraction;
  if (fractions && text.starts_with('.')) {
    text.remove_prefix(1);
    fraction = take_digits(text);
  }
  if (whole.empty() && fraction.empty()) return std::nullopt;
  const auto count = whole.empty() ? 0 : parse_whole<std::uint64_t>(whole);
  const Unit* unit = take_unit(units, text);
  if (!count || unit == nullptr || *count > most / unit->nanoseconds) return std::nullopt;
  return *count * unit->nanoseconds + fraction_of(fraction, unit->nanoseconds);
}

}  // namespace

std::optional<milliseconds> parse_duration(std::string_view text, DurationStyle style) {
  const bool setting = style == DurationStyle::setting;
  if (setting && text == "0") return milliseconds{0};
  if (text.empty()) return std::nullopt;
  std::uint64_t nanoseconds = 0;
  while (!text.empty()) {
    const auto part = take_part(text, setting ? std::span<const Unit>(setting_units) : query_units, setting);
    if (!part) return std::nullopt;
    nanoseconds += *part;  // each at most 2⁶³: no wrap
    if (nanoseconds > most) return std::nullopt;
  }
  if (!setting && nanoseconds == 0) return std::nullopt;
  return milliseconds{static_cast<std::int64_t>(nanoseconds / 1'000'000)};
}

std::string format_duration(milliseconds duration) {
  const std::int64_t total = duration.count();
  if (total < 1000) return total == 0 ? "0s" : std::to_string(total) + "ms";
  std::string out;
  if (const auto hours = total / 3'600'000) out += std::to_string(hours) + "h";
  if (const auto minutes = total / 60'000 % 60) out += std::to_string(minutes) + "m";
  const auto seconds = total / 1000 % 60;
  std::string fraction = std::to_string(1000 + total % 1000).substr(1);  // three digits
  while (fraction.ends_with('0')) fraction.pop_back();
  if (seconds == 0 && fraction.empty()) return out;
  out += std::to_string(seconds);
  if (!fraction.empty()) out += "." + fraction;
  return out + "s";
}

std::string format_in_one_unit(milliseconds duration) {
  const Unit* largest = &query_units.front();
  const auto size = [](const Unit& unit) { return static_cast<std::int64_t>(unit.nanoseconds / 1'000'000); };
  for (const Unit& unit : query_units) {
    if (unit.name != "w" && duration.count() % size(unit) == 0) largest = &unit;
  }
  return std::to_string(duration.count() / size(*largest)) + std::string(largest->name);
}

}  // namespace prompted::base
