#pragma once
// Internal to libs/postgres: splits a DSN, in either of libpq's forms, into parameters and joins it again.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace prompted::pg {

struct DsnParameter {
  std::string key;
  std::string value;  ///< decoded
};

struct DsnParts {
  bool is_url = false;
  std::string head;                      ///< a URL up to its '?'; empty for key=value pairs
  std::vector<DsnParameter> parameters;  ///< for a URL, those of its query
};

/// nullopt if libpq would find no parameters either.
std::optional<DsnParts> split_dsn(std::string_view dsn);
/// Every value is quoted or percent-encoded.
std::string join_dsn(const DsnParts& parts);

}  // namespace prompted::pg
