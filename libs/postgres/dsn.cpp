#include "postgres/dsn.hpp"

#include <libpq-fe.h>

#include <memory>

namespace prompted::pg {

namespace {

constexpr const char* accepted =
    "a PostgreSQL URL such as postgres://user:password@host:5432/database?sslmode=disable, with % and a code for "
    "special "
    "characters of the password, or key=value pairs";

/// Ports are not looked at by the parser, and "user:pa/ss@host" makes one of "pa".
bool plausible(const PQconninfoOption& option) {
  if (option.val == nullptr) return true;
  const std::string_view keyword = option.keyword;
  const std::string_view value = option.val;
  if (keyword == "port") return value.find_first_not_of("0123456789,") == std::string_view::npos;
  if (keyword == "host") return value.find('@') == std::string_view::npos || value.starts_with('/');
  return true;
}

}  // namespace

std::string with_parameter(const std::string& dsn, std::string_view key, std::string_view value) {
  const std::string assignment = std::string(key) + "=" + std::string(value);
  const bool is_url = dsn.starts_with("postgres://") || dsn.starts_with("postgresql://");
  if (!is_url) {  // as a word: fallback_application_name is not application_name
    const bool named = (" " + dsn).find(" " + std::string(key) + "=") != std::string::npos;
    return named ? dsn : dsn + " " + assignment;
  }
  const auto query = dsn.find('?');
  if (query == std::string::npos) return dsn + "?" + assignment;
  const std::string parameters = "&" + dsn.substr(query + 1);
  if (parameters.find("&" + std::string(key) + "=") != std::string::npos) return dsn;
  const bool needs_separator = parameters.size() > 1 && !dsn.ends_with('&');
  return dsn + (needs_separator ? "&" : "") + assignment;
}

std::string check_dsn(std::string_view dsn) {
  if (dsn.find_first_of("=:") == std::string_view::npos) return accepted;  // to libpq any word is a database's name
  char* error = nullptr;
  const std::unique_ptr<PQconninfoOption, void (*)(PQconninfoOption*)> options(
      PQconninfoParse(std::string(dsn).c_str(), &error), PQconninfoFree);
  PQfreemem(error);
  if (!options) return accepted;
  for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option)
    if (!plausible(*option)) return accepted;
  return {};
}

}  // namespace prompted::pg
