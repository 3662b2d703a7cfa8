#include "base/json.hpp"

#include <charconv>
#include <cmath>

#include "base/text.hpp"

namespace prompted::base {
namespace {

bool needs_escape(char c) { return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\'; }

void append_escaped(std::string& out, char c) {
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\b':
      out += "\\b";
      return;
    case '\f':
      out += "\\f";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      out += "\\u00";
      out += hex_digits[(c >> 4) & 0xf];
      out += hex_digits[c & 0xf];
  }
}

void append_json_uuid(std::string& out, const Uuid& uuid) {
  out += '"';
  append_uuid(out, uuid);
  out += '"';
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  // Most texts need no escapes, so whole runs are copied at once.
  std::size_t run = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!needs_escape(text[i])) continue;
    out.append(text, run, i - run);
    append_escaped(out, text[i]);
    run = i + 1;
  }
  out.append(text, run);
  out += '"';
}

void append_json_number(std::string& out, double value) {
  if (!std::isfinite(value)) {
    out += "null";
    return;
  }
  char buffer[32];  // the longest shortest text of a double has 24 characters
  const auto result = std::to_chars(buffer, buffer + sizeof buffer, value);
  out.append(buffer, result.ptr);
}

void JsonObject::uuid(std::string_view name, const Uuid& value) { append_json_uuid(member(name), value); }

void JsonArray::uuid(const Uuid& value) { append_json_uuid(item(), value); }

void JsonObject::time(std::string_view name, Instant value) {
  member(name) += '"';
  append_rfc3339(out_, value);
  out_ += '"';
}

}  // namespace prompted::base
