#pragma once
// A DSN that a user gave: both of libpq's forms (PostgreSQL documentation 34.1.1), and what pgx takes beside them.
#include <string>
#include <string_view>
#include <vector>

namespace prompted::pg {

/// The DSN with `key=value` added, unless it names the key already: the user's word counts. `value` needs no quoting.
std::string with_parameter(const std::string& dsn, std::string_view key, std::string_view value);

/// For an option's check: "" or what is accepted. Asked at the start, because libpq's own errors repeat parts of a
/// malformed DSN, the password among them. The result holds none of `dsn` but the name of an unknown parameter.
std::string check_dsn(std::string_view dsn);

/// Makes a DSN that check_dsn accepts one that libpq accepts. pgx sends parameters that it does not know to the server
/// (search_path=…): they become libpq's `options`. Those of the driver itself (pool_max_conns=…) are left out: their
/// names are returned.
std::vector<std::string> adapt_dsn(std::string& dsn);

}  // namespace prompted::pg
