#pragma once
// What mqwriter's OpenAPI document says of its operations (docs/api.md).
#include "http/operation.hpp"

namespace prompted::mqwriter {

http::Operation publish_operation();
http::Operation buffer_operation();

}  // namespace prompted::mqwriter
