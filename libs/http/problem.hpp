#pragma once
// Errors as RFC 9457 problem details, with the `error` member that clients of the earlier system read. Only here does
// an exception become a status.
#include <exception>
#include <string>
#include <string_view>

#include "http/message.hpp"

namespace prompted::http {

/// The reason phrase of RFC 9110 ("Bad Request"); "Unknown" for codes without one.
std::string_view reason(int status);

/// {"type":"about:blank","title":reason(status),"status":…,"detail":detail,"error":detail}
Response problem(int status, std::string_view detail);

/// base::Error by its kind (503 carries Retry-After); anything else is logged and becomes a 500 "internal error".
Response problem(std::exception_ptr error);

}  // namespace prompted::http
