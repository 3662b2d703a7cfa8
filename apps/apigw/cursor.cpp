// Cursors: "<fingerprint>.<start>.<end>.<at>.<id>[.<gpu>.<metric>]", numbers in hexadecimal (microseconds; '-' = open
// bound), texts as the hexadecimal of their bytes.
#include <array>
#include <charconv>
#include <vector>

#include "apigw/selection.hpp"
#include "base/error.hpp"
#include "base/text.hpp"
#include "models/partition.hpp"

namespace prompted::apigw {

namespace {

using std::chrono::microseconds;

// Years 1 to 9999: what RFC 3339 can say, and nothing that PostgreSQL would refuse.
constexpr std::int64_t least_instant = -62135596800000000;
constexpr std::int64_t most_instant = 253402300799999999;

template <class Number>
std::string hex(Number number) {
  std::array<char, 20> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number, 16).ptr;
  return {digits.data(), end};
}

std::string bound(const std::optional<base::Instant>& at) { return at ? hex(at->time_since_epoch().count()) : "z"; }

[[noreturn]] void refuse(const std::string& why) { throw base::invalid("invalid cursor: must be " + why); }

template <class Number>
Number number(std::string_view text) {
  const auto value = base::parse_whole<Number>(text, 16);
  if (!value) refuse("next_cursor of an earlier answer");
  return *value;
}

base::Instant instant(std::string_view text) {
  const auto value = number<std::int64_t>(text);
  if (value < least_instant || value > most_instant) refuse("next_cursor of an earlier answer");
  return base::Instant(microseconds(value));
}

std::optional<base::Instant> bound(std::string_view text) {
  if (text == "z") return std::nullopt;
  return instant(text);
}

std::string bytes_of(std::string_view text) {
  auto bytes = base::from_hex(text);
  if (!bytes) refuse("next_cursor of an earlier answer");
  return std::move(*bytes);
}

std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> parts;
  for (;;) {
    const auto dot = text.find('.');
    parts.push_back(text.substr(0, dot));
    if (dot == std::string_view::npos) return parts;
    text.remove_prefix(dot + 1);
  }
}

void append(std::string& out, const std::optional<std::string>& text) {
  out += text ? '+' + *text : std::string("-");
  out += '\0';
}

}  // namespace

std::uint32_t fingerprint(const Selection& selection) {
  std::string all;
  append(all, selection.gpu_id);
  append(all, selection.hostname);
  append(all, selection.pod);
  append(all, selection.name_space);
  for (const auto& name : selection.metric_names) append(all, name);
  all += selection.order == Order::ascending ? 'a' : 'd';
  if (selection.aggregation) all += selection.aggregation->function + hex(selection.aggregation->step.count());
  return models::fnv1a(all);
}

std::string to_cursor(const Selection& selection, const Place& place) {
  std::string out = hex(fingerprint(selection)) + '.' + bound(selection.start) + '.' + bound(selection.end) + '.' +
                    hex(place.at.time_since_epoch().count()) + '.' + hex(place.id);
  if (selection.aggregation) out += '.' + base::to_hex(place.gpu_id) + '.' + base::to_hex(place.metric_name);
  return out;
}

void apply_cursor(Selection& selection, std::string_view cursor) {
  const auto parts = split(cursor);
  if (parts.size() != (selection.aggregation ? 7u : 5u)) refuse("next_cursor of an earlier answer to the same query");
  if (number<std::uint32_t>(parts[0]) != fingerprint(selection)) refuse("next_cursor of the same query");
  Place place;
  place.at = instant(parts[3]);
  place.id = number<std::int64_t>(parts[4]);
  if (selection.aggregation) {
    place.gpu_id = bytes_of(parts[5]);
    place.metric_name = bytes_of(parts[6]);
  }
  selection.start = bound(parts[1]);
  selection.end = bound(parts[2]);
  selection.after = std::move(place);
}

}  // namespace prompted::apigw
