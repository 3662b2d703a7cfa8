#pragma once
// Writes JSON by appending to a string: rows become JSON on the database threads, without a DOM.
#include <charconv>
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/time.hpp"
#include "base/uuid.hpp"

namespace prompted::base {

/// Appends `"…"` with the escapes of RFC 8259 section 7. Bytes ≥ 0x80 pass through (PostgreSQL returns valid UTF-8).
/// This is the project's only escape function.
void append_json_string(std::string& out, std::string_view text);
/// Appends the shortest text that parses to the same double; null for NaN and infinities, which JSON lacks.
void append_json_number(std::string& out, double value);
template <std::integral T>
void append_json_number(std::string& out, T value) {
  char digits[24];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
}

class JsonArray;

/// Writes one object, member by member, to a string that must outlive it. Member names are literals and are not
/// escaped. The caller ends each object and array, the inner ones first.
class JsonObject {
 public:
  explicit JsonObject(std::string& out) : out_(out) {}

  void text(std::string_view name, std::string_view value) { append_json_string(member(name), value); }
  /// Writes null for a null pointer.
  void text_or_null(std::string_view name, const char* value) {
    if (value != nullptr) text(name, value);
    else raw(name, "null");
  }
  template <class Number>
  requires(std::integral<Number> || std::floating_point<Number>) void number(std::string_view name, Number value) {
    append_json_number(member(name), value);
  }
  void uuid(std::string_view name, const Uuid& value);
  void time(std::string_view name, Instant value);
  /// `json` is taken as it is.
  void raw(std::string_view name, std::string_view json) { member(name) += json; }
  JsonObject object(std::string_view name) { return JsonObject(member(name)); }
  JsonArray array(std::string_view name);

  /// Writes `"name":` and returns the string, to which the caller appends the value.
  std::string& member(std::string_view name) {
    out_.append(first_ ? "{\"" : ",\"", 2);
    first_ = false;
    out_ += name;
    out_.append("\":", 2);
    return out_;
  }

  void end() { out_ += first_ ? "{}" : "}"; }

 private:
  std::string& out_;
  bool first_ = true;
};

class JsonArray {
 public:
  explicit JsonArray(std::string& out) : out_(out) { out_ += '['; }
  /// Continues an array whose bracket is already written. `first`: it has no items yet.
  JsonArray(std::string& out, bool first) : out_(out), first_(first) {}

  void uuid(const Uuid& value);
  JsonObject object() { return JsonObject(item()); }
  /// `json` is taken as it is.
  void raw(std::string_view json) { item() += json; }

  /// Writes the comma if needed and returns the string, to which the caller appends the item.
  std::string& item() {
    if (!first_) out_ += ',';
    first_ = false;
    return out_;
  }

  void end() { out_ += ']'; }

 private:
  std::string& out_;
  bool first_ = true;
};

inline JsonArray JsonObject::array(std::string_view name) { return JsonArray(member(name)); }

}  // namespace prompted::base
