#pragma once
// Text checks for HTTP messages. Internal to this library.
#include <string_view>

#include "base/text.hpp"

namespace prompted::http {

using base::same_without_case;

/// Whether `text` contains a CR, LF or NUL, which could end its header and start another.
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
