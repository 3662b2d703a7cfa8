// What each type of option accepts, and how errors and docs describe it.
#include "config/schema.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "base/duration.hpp"
#include "base/text.hpp"
#include "config/parse.hpp"

namespace prompted::config {
namespace {

using Check = std::function<std::string(std::string_view)>;
using Assign = std::function<std::string(std::string_view)>;

constexpr std::int64_t unbounded_below = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t unbounded_above = std::numeric_limits<std::int64_t>::max();

bool within(const Range& range, std::int64_t value) { return value >= range.least && value <= range.most; }

/// "integer 1..65535", "integer 1 or more", "integer".
std::string integer_type(const Range& range) {
  const std::string least = std::to_string(range.least);
  const std::string most = std::to_string(range.most);
  if (range.least == unbounded_below) return range.most == unbounded_above ? "integer" : "integer up to " + most;
  return range.most == unbounded_above ? "integer " + least + " or more" : "integer " + least + ".." + most;
}

std::string duration_accepted(const Range& range) {
  std::string text = "a duration such as 500ms, 1.5s or 1m30s";
  if (range.least > 0) text += ", at least " + base::format_duration(std::chrono::milliseconds{range.least});
  if (range.most != unbounded_above)
    text += ", at most " + base::format_duration(std::chrono::milliseconds{range.most});
  return text;
}

template <class Integer>
Assign assign_integer(Integer& target, const Range& range) {
  return [&target, range](std::string_view value) -> std::string {
    const auto number = base::parse_whole<std::int64_t>(value);
    if (!number || !within(range, *number)) return "an " + integer_type(range);
    target = static_cast<Integer>(*number);
    return {};
  };
}

/// An empty text comes only from an empty default ("not given") and is not checked.
Assign assign_text(std::string& target, Check check) {
  return [&target, check = std::move(check)](std::string_view value) -> std::string {
    if (check && !value.empty()) {
      if (std::string accepted = check(value); !accepted.empty()) return accepted;
    }
    target = value;
    return {};
  };
}

std::string assign_level(log::Level& target, std::string_view value) {
  constexpr std::pair<std::string_view, log::Level> levels[] = {{"debug", log::Level::debug},
                                                                {"info", log::Level::info},
                                                                {"warn", log::Level::warn},
                                                                {"warning", log::Level::warn},
                                                                {"error", log::Level::error}};
  for (const auto& [name, level] : levels) {
    if (!base::same_without_case(value, name)) continue;
    target = level;
    return {};
  }
  return "one of debug, info, warn, error";
}

}  // namespace

void Schema::add_option(Option option) {
  for (const Option& other : options_) {
    if (other.text.name == option.text.name) throw std::logic_error(option.text.name + " is declared twice");
  }
  options_.push_back(std::move(option));
}

void Schema::add(std::int64_t& target, Text text, Range range) {
  add_option({std::move(text), integer_type(range), false, assign_integer(target, range)});
}

void Schema::add(std::uint16_t& target, Text text, Range range) {
  range = {std::max<std::int64_t>(range.least, 0), std::min<std::int64_t>(range.most, 65535)};
  add_option({std::move(text), integer_type(range), false, assign_integer(target, range)});
}

void Schema::add(std::chrono::milliseconds& target, Text text, Range range_ms) {
  auto assign = [&target, range_ms](std::string_view value) -> std::string {
    const auto duration = base::parse_duration(value, base::DurationStyle::setting);
    if (!duration || !within(range_ms, duration->count())) return duration_accepted(range_ms);
    target = *duration;
    return {};
  };
  add_option({std::move(text), "duration", false, std::move(assign)});
}

void Schema::add(Bytes& target, Text text) {
  auto assign = [&target](std::string_view value) -> std::string {
    const auto count = parse_bytes(value);
    if (!count) return "a size such as 16MiB, 64KiB or 4096";
    target.count = *count;
    return {};
  };
  add_option({std::move(text), "size", false, std::move(assign)});
}

void Schema::add(log::Level& target, Text text) {
  auto assign = [&target](std::string_view value) { return assign_level(target, value); };
  add_option({std::move(text), "debug|info|warn|error", false, std::move(assign)});
}

void Schema::add(std::string& target, Text text, Check check) {
  add_option({std::move(text), "text", false, assign_text(target, std::move(check))});
}

void Schema::add_secret(std::string& target, Text text, Check check) {
  add_option({std::move(text), "text", true, assign_text(target, std::move(check))});
}

}  // namespace prompted::config
