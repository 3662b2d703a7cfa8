#pragma once
// Conditional requests (RFC 9110 section 13).
#include <string_view>

namespace prompted::http {

/// Whether If-None-Match is `*` or contains `etag`; the response is then a 304. Weak comparison: W/"x" equals "x".
bool names_etag(std::string_view if_none_match, std::string_view etag);

}  // namespace prompted::http
