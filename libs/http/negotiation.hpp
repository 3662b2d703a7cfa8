#pragma once
// Content negotiation by Accept and Accept-Encoding (RFC 9110 section 12.5), with their q-values.
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "http/message.hpp"

namespace prompted::http {

/// Joins all lines of a list-valued header (RFC 9110 section 5.3); "" if there is none.
std::string list_header(const std::vector<Header>& headers, std::string_view name);

/// The type that `accept` prefers. Each type gets the q of the most specific range that matches it. Ties go to the more
/// specific range, then to the earlier entry of `types`. If `accept` is empty or allows none, the result is the first
/// type: a response in another type helps more than a 406. Parameters (`;charset=…`) are ignored on both sides.
std::string_view preferred_type(std::string_view accept, std::initializer_list<std::string_view> types);

/// Whether the client accepts gzip and prefers it at least as much as an uncoded body. False without the header,
/// although RFC 9110 would allow gzip.
bool prefers_gzip(std::string_view accept_encoding);

}  // namespace prompted::http
