#pragma once
// Content negotiation by Accept and Accept-Encoding (RFC 9110 section 12.5), with their q-values.
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "http/message.hpp"

namespace prompted::http {

/// All lines of a header that is a list, joined (RFC 9110 section 5.3); "" when there is none.
std::string list_header(const std::vector<Header>& headers, std::string_view name);

/// The type that `accept` likes best: by the q of the most specific range that matches it; among equals the one that is
/// named most specifically, then the earlier in `types`. The first when `accept` is empty or allows none of them: an
/// answer in another type helps more than a 406. Parameters (`;charset=…`) count on neither side.
std::string_view preferred_type(std::string_view accept, std::initializer_list<std::string_view> types);

/// Does the client take gzip, and like it no less than the uncoded body? No header: no, though RFC 9110 would allow it.
bool prefers_gzip(std::string_view accept_encoding);

}  // namespace prompted::http
