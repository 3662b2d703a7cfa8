#pragma once
// RFC 8288 links.
#include <string>

#include "http/message.hpp"

namespace prompted::apigw {

/// `</api/v1/…?…&cursor=…>; rel="next"`: the same request with this cursor.
std::string next_link(const http::Request& request, const std::string& cursor);

}  // namespace prompted::apigw
