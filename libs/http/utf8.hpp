#pragma once
// Text from outside that goes into a JSON answer.
#include <string>
#include <string_view>

namespace prompted::http {

/// `text` with every byte that is no part of well-formed UTF-8 (RFC 3629) replaced by U+FFFD.
std::string valid_utf8(std::string_view text);

}  // namespace prompted::http
