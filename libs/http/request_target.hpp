#pragma once
// The target of a request line (RFC 9112 section 3.2). Internal to this library.
#include <string_view>

#include "http/message.hpp"

namespace prompted::http {

struct RequestTarget {
  std::string_view path;   ///< percent-encoded; "/" for an absolute form without a path
  std::string_view query;  ///< what follows the '?'
};

/// Origin form, or absolute form ("GET http://host/path", as to a proxy), whose authority is dropped.
RequestTarget split_target(std::string_view target);

/// Sets the request's path and query, decoded.
void fill(Request& request, const RequestTarget& target);

}  // namespace prompted::http
