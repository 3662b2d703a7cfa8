#pragma once
// Small questions about the text of messages, for this library's own use.
#include <string_view>

#include "base/text.hpp"

namespace prompted::http {

using base::same_without_case;

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
