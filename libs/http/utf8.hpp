#pragma once
// Makes external text safe for a JSON response.
#include <string>
#include <string_view>

namespace prompted::http {

/// Replaces every byte that is not part of well-formed UTF-8 (RFC 3629) with U+FFFD.
std::string valid_utf8(std::string_view text);

}  // namespace prompted::http
