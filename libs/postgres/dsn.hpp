#pragma once
// Adding parameters to a DSN that a user gave (PostgreSQL documentation 34.1.1: both of libpq's forms).
#include <string>
#include <string_view>

namespace prompted::pg {

/// The DSN with `key=value` added, unless it names the key already: the user's word counts. `value` needs no quoting.
std::string with_parameter(const std::string& dsn, std::string_view key, std::string_view value);

}  // namespace prompted::pg
