#pragma once
// Conditional requests (RFC 9110 section 13).
#include <string_view>

namespace prompted::http {

/// If-None-Match names `etag`, or `*`: compared weakly, W/"x" and "x" are the same. The answer is then a 304.
bool names_etag(std::string_view if_none_match, std::string_view etag);

}  // namespace prompted::http
