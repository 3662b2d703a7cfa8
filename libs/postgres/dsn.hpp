#pragma once
// A DSN that a user gave (PostgreSQL documentation 34.1.1: both of libpq's forms).
#include <string>
#include <string_view>

namespace prompted::pg {

/// The DSN with `key=value` added, unless it names the key already: the user's word counts. `value` needs no quoting.
std::string with_parameter(const std::string& dsn, std::string_view key, std::string_view value);

/// For an option's check: "" or what is accepted. Asked at the start, because libpq's own errors repeat parts of a malformed
/// DSN, the password among them. The answer holds none of `dsn`.
std::string check_dsn(std::string_view dsn);

}  // namespace prompted::pg
