#pragma once
// Small questions about the text of messages, for this library's own use.
#include <string_view>

namespace prompted::http {

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// ASCII, as header names and tokens are compared.
constexpr bool same_without_case(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (lower(a[i]) != lower(b[i])) return false;
  }
  return true;
}

/// A CR, LF or NUL would let a value end its header and begin another.
constexpr bool breaks_header(std::string_view text) {
  for (const char c : text) {
    if (c == '\r' || c == '\n' || c == '\0') return true;
  }
  return false;
}

constexpr bool header_is_safe(std::string_view name, std::string_view value) {
  return !name.empty() && !breaks_header(name) && name.find_first_of(": \t") == std::string_view::npos &&
         !breaks_header(value);
}

}  // namespace prompted::http
