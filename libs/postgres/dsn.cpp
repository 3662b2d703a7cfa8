#include "postgres/dsn.hpp"

namespace prompted::pg {

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

}  // namespace prompted::pg
