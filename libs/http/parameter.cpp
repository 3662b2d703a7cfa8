#include "http/parameter.hpp"

#include <algorithm>

#include "base/duration.hpp"
#include "base/error.hpp"
#include "base/text.hpp"
#include "http/text.hpp"
#include "http/utf8.hpp"

namespace prompted::http {
namespace {

ParameterType<std::string> text_between(std::size_t least, std::size_t most) {
  const std::string length = (least > 0 ? R"("minLength":)" + std::to_string(least) + "," : std::string()) +
                             R"("maxLength":)" + std::to_string(most);
  return {"UTF-8 text of at most " + std::to_string(most) + " characters without NUL",
          R"({"type":"string",)" + length + R"(,"pattern":"^[^\\u0000]*$"})",
          [least, most](std::string_view text) -> std::optional<std::string> {
            if (text.find('\0') != std::string_view::npos || valid_utf8(text) != text) return std::nullopt;
            const std::size_t length = base::count_characters(text);
            if (length < least || length > most) return std::nullopt;
            return std::string(text);
          }};
}

}  // namespace

ParameterType<std::string> text_type(std::size_t most) { return text_between(0, most); }

ParameterType<std::string> segment_type(std::size_t most) { return text_between(1, most); }

ParameterType<std::string> field_value_type(std::size_t most) {
  const std::string limit = std::to_string(most);
  return {
      "at most " + limit + " bytes", R"({"type":"string","maxLength":)" + limit + "}",
      [most](std::string_view text) { return text.size() > most ? std::nullopt : std::optional(std::string(text)); }};
}

ParameterType<std::int64_t> integer_type(std::int64_t least, std::int64_t most) {
  const std::string from = std::to_string(least);
  const std::string to = std::to_string(most);
  return {"an integer from " + from + " to " + to,
          R"({"type":"integer","minimum":)" + from + R"(,"maximum":)" + to + "}",
          [least, most](std::string_view text) -> std::optional<std::int64_t> {
            const auto value = base::parse_whole<std::int64_t>(text);
            if (!value || *value < least || *value > most) return std::nullopt;
            return value;
          }};
}

ParameterType<bool> boolean_type() {
  return {"true or false", R"({"type":"boolean"})", [](std::string_view text) -> std::optional<bool> {
            if (text == "true" || text == "1") return true;
            if (text == "false" || text == "0") return false;
            return std::nullopt;
          }};
}

ParameterType<base::Instant> instant_type() {
  return {"an RFC 3339 date-time such as 2026-01-31T12:00:00Z", R"({"type":"string","format":"date-time"})",
          [](std::string_view text) { return base::parse_rfc3339(text); }};
}

ParameterType<std::chrono::milliseconds> duration_type(std::chrono::milliseconds most) {
  return {"a duration such as 500ms, 30s, 1m30s, 2h or 7d, at most " + base::format_in_one_unit(most),
          R"({"type":"string","pattern":"^(?=.*[1-9])([0-9]+(ms|s|m|h|d|w))+$"})",
          [most](std::string_view text) -> std::optional<std::chrono::milliseconds> {
            const auto duration = base::parse_duration(text, base::DurationStyle::query);
            if (!duration || *duration > most) return std::nullopt;
            return duration;
          }};
}

ParameterType<base::Uuid> uuid_type() {
  return {"a UUID", R"({"type":"string","format":"uuid"})",
          [](std::string_view text) { return base::parse_uuid(text); }};
}

std::string one_of_text(const std::vector<std::string>& words) {
  std::string text = "one of";
  for (const auto& word : words) text += (text == "one of" ? " " : ", ") + word;
  return text;
}

std::string enum_schema(const std::vector<std::string>& words) {
  std::string schema;
  for (const auto& word : words) schema += (schema.empty() ? "\"" : ",\"") + word + '"';
  return R"({"type":"string","enum":[)" + schema + "]}";
}

void Parameters::path(std::string& target, ParameterText text, const ParameterType<std::string>& type) {
  declare(ParameterPlace::path, text, type.schema);
  if (request_) target = read(text.name, type, request_->param(text.name));
}

void Parameters::finish() const {
  if (!request_) return;
  for (const auto& [name, value] : request_->query) {
    const auto declares = [&name = name](const ParameterDoc& doc) {
      return doc.place == ParameterPlace::query && doc.text.name == name;
    };
    if (!std::any_of(declared_.begin(), declared_.end(), declares)) {
      throw base::invalid("unknown parameter: " + valid_utf8(name));
    }
  }
}

void Parameters::refuse(std::string_view name, std::string_view accepts) {
  // Do not echo the value: it may be invalid UTF-8.
  throw base::invalid("invalid " + std::string(name) + ": must be " + std::string(accepts));
}

void Parameters::declare(ParameterPlace place, const ParameterText& text, const std::string& schema,
                         std::optional<std::size_t> most) {
  ParameterDoc doc;
  doc.place = place;
  doc.text = text;
  doc.schema = schema;
  doc.repeated = most.has_value();
  doc.most = most.value_or(1);
  declared_.push_back(std::move(doc));
}

std::vector<std::string_view> Parameters::all(std::string_view name, std::size_t most) const {
  std::vector<std::string_view> values;
  if (!request_) return values;
  for (const auto& [key, value] : request_->query) {
    if (key == name && !value.empty()) values.push_back(value);
  }
  if (values.size() > most) refuse(name, most == 1 ? "given once" : "given at most " + std::to_string(most) + " times");
  return values;
}

std::optional<std::string_view> Parameters::single(std::string_view name) const {
  const auto values = all(name, 1);
  if (values.empty()) return std::nullopt;
  return values.front();
}

std::optional<std::string_view> Parameters::single_header(std::string_view name) const {
  std::optional<std::string_view> found;
  if (!request_) return found;
  for (const Header& header : request_->headers) {
    if (header.value.empty() || !same_without_case(header.name, name)) continue;
    if (found) refuse(name, "given once");
    found = header.value;
  }
  return found;
}

}  // namespace prompted::http
