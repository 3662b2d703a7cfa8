#pragma once
// DSNs from users: both of libpq's forms (PostgreSQL documentation 34.1.1), and the extra parameters of pgx.
#include <string>
#include <string_view>
#include <vector>

namespace prompted::pg {

/// Adds `key=value` to the DSN unless the user has set the key. `value` needs no quoting.
std::string with_parameter(const std::string& dsn, std::string_view key, std::string_view value);

/// An option's check: returns "" or what is accepted. It runs at startup, because libpq's errors quote parts of a
/// malformed DSN, including the password. Of `dsn`, the result contains at most the name of an unknown parameter.
std::string check_dsn(std::string_view dsn);

/// Converts a DSN that check_dsn accepts to one that libpq accepts. pgx sends unknown parameters (search_path=…) to the
/// server: they become libpq's `options`. Driver parameters (pool_max_conns=…) are removed, and their names are
/// returned.
std::vector<std::string> adapt_dsn(std::string& dsn);

}  // namespace prompted::pg
