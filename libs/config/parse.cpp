#include "config/parse.hpp"

#include <array>
#include <limits>

#include "base/text.hpp"

namespace prompted::config {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t size;
};

/// Longer names before those that they begin with.
constexpr std::array<Unit, 8> time_units{{{"ms", 1'000'000},
                                          {"us", 1'000},
                                          {"\u00b5s", 1'000},  // micro sign
                                          {"\u03bcs", 1'000},  // Greek mu
                                          {"ns", 1},
                                          {"h", 3'600'000'000'000},
                                          {"m", 60'000'000'000},
                                          {"s", 1'000'000'000}}};
constexpr std::array<Unit, 5> byte_units{
    {{"KiB", 1ull << 10}, {"MiB", 1ull << 20}, {"GiB", 1ull << 30}, {"TiB", 1ull << 40}, {"B", 1}}};

using base::is_digit;
using base::parse_whole;

std::string_view take_digits(std::string_view& text) {
  std::size_t count = 0;
  while (count < text.size() && is_digit(text[count])) ++count;
  const std::string_view digits = text.substr(0, count);
  text.remove_prefix(count);
  return digits;
}

template <std::size_t n>
const Unit* take_unit(const std::array<Unit, n>& units, std::string_view& text) {
  for (const Unit& unit : units) {
    if (!text.starts_with(unit.name)) continue;
    text.remove_prefix(unit.name.size());
    return &unit;
  }
  return nullptr;
}

/// value·factor; nullopt above `most`.
std::optional<std::uint64_t> multiply(std::uint64_t value, std::uint64_t factor, std::uint64_t most) {
  if (value > most / factor) return std::nullopt;
  return value * factor;
}

/// "0.digits" of a unit, truncated.
std::uint64_t fraction_of(std::string_view digits, std::uint64_t unit) {
  std::uint64_t sum = 0;
  for (char c : digits) {
    // unit/10 first: beyond the unit's own digits there is nothing left to add. An hour is 36·10¹¹ ns, so no digit is lost
    // that milliseconds could show.
    unit /= 10;
    sum += unit * static_cast<std::uint64_t>(c - '0');
  }
  return sum;
}

}  // namespace

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
  constexpr std::uint64_t most = std::numeric_limits<std::int64_t>::max();
  if (text == "0") return std::chrono::milliseconds{0};
  if (text.empty()) return std::nullopt;
  std::uint64_t nanoseconds = 0;
  while (!text.empty()) {
    const std::string_view whole = take_digits(text);
    std::string_view fraction;
    if (text.starts_with('.')) {
      text.remove_prefix(1);
      fraction = take_digits(text);
    }
    if (whole.empty() && fraction.empty()) return std::nullopt;
    const Unit* unit = take_unit(time_units, text);
    if (unit == nullptr) return std::nullopt;
    const auto count = whole.empty() ? std::optional<std::uint64_t>(0) : parse_whole<std::uint64_t>(whole);
    if (!count) return std::nullopt;
    const auto size = multiply(*count, unit->size, most);
    if (!size) return std::nullopt;
    nanoseconds += *size + fraction_of(fraction, unit->size);  // each at most 2⁶³: no wrap
    if (nanoseconds > most) return std::nullopt;
  }
  return std::chrono::milliseconds{static_cast<std::int64_t>(nanoseconds / 1'000'000)};
}

std::string format_duration(std::chrono::milliseconds duration) {
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

std::optional<std::uint64_t> parse_bytes(std::string_view text) {
  const auto count = parse_whole<std::uint64_t>(take_digits(text));
  if (!count || text.empty()) return count;
  const Unit* unit = take_unit(byte_units, text);
  if (unit == nullptr || !text.empty()) return std::nullopt;
  return multiply(*count, unit->size, std::numeric_limits<std::uint64_t>::max());
}

std::optional<std::int64_t> parse_integer(std::string_view text) { return parse_whole<std::int64_t>(text); }

}  // namespace prompted::config
