#include "postgres/dsn.hpp"

#include <libpq-fe.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "base/text.hpp"
#include "postgres/dsn_parts.hpp"

namespace prompted::pg {

using base::lower;

namespace {

constexpr const char* accepted =
    "a PostgreSQL URL such as postgres://user:password@host:5432/database?sslmode=disable, with special characters of "
    "the password percent-encoded, or key=value pairs";

/// Parameters that a session of PostgreSQL 14 to 17 can be started with, sorted. deploy/host/dsn.sh reads the files
/// too.
constexpr std::string_view runtime_parameters[] = {
#include "postgres/runtime_parameters.inc"
};
/// Parameters of pgx, its pool and lib/pq. golang-migrate's start with x-.
constexpr std::string_view driver_parameters[] = {
#include "postgres/driver_parameters.inc"
};

using Options = std::unique_ptr<PQconninfoOption, void (*)(PQconninfoOption*)>;

Options parsed(const std::string& dsn) {
  char* error = nullptr;
  Options options(PQconninfoParse(dsn.c_str(), &error), PQconninfoFree);
  PQfreemem(error);
  return options;
}

enum class Kind { libpq, runtime, driver, unknown };

bool is_libpq(const DsnParts& parts, std::string_view key) {
  if (parts.is_url && key == "ssl") return true;  // libpq accepts JDBC's ssl=true
  const Options all = parsed("");
  for (const PQconninfoOption* option = all.get(); option != nullptr && option->keyword != nullptr; ++option)
    if (key == option->keyword) return true;
  return false;
}

bool is_name(std::string_view text) {
  constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz0123456789_";
  return !text.empty() && text.size() < 64 && lower(text).find_first_not_of(letters) == std::string::npos;
}

/// Such as myapp.tenant: a parameter of an extension or of the user.
bool is_custom(std::string_view key) {
  const std::size_t dot = key.find('.');
  return dot != std::string_view::npos && is_name(key.substr(0, dot)) && is_name(key.substr(dot + 1));
}

Kind kind_of(const DsnParts& parts, const DsnParameter& parameter) {
  if (is_libpq(parts, parameter.key)) return Kind::libpq;
  const std::string name = lower(parameter.key);
  if (std::binary_search(std::begin(runtime_parameters), std::end(runtime_parameters), name) || is_custom(name))
    return Kind::runtime;
  const bool driver = std::binary_search(std::begin(driver_parameters), std::end(driver_parameters), name);
  return driver || name.starts_with("x-") ? Kind::driver : Kind::unknown;
}

/// The server splits `options` at spaces; a backslash escapes one.
std::string as_option(const DsnParameter& parameter) {
  std::string text = "-c " + lower(parameter.key) + "=";
  for (const char c : parameter.value) {
    if (c == '\\' || c == ' ' || (c >= '\t' && c <= '\r')) text += '\\';
    text += c;
  }
  return text;
}

/// PGOPTIONS, which libpq reads only if the DSN has no options.
std::string default_options() {
  const Options all(PQconndefaults(), PQconninfoFree);
  for (const PQconninfoOption* option = all.get(); option != nullptr && option->keyword != nullptr; ++option)
    if (std::string_view(option->keyword) == "options" && option->val != nullptr) return option->val;
  return "";
}

/// Appends to existing options: of two values, the server uses the last.
void add_options(DsnParts& parts, const std::string& more) {
  std::optional<std::string> before;
  std::erase_if(parts.parameters, [&before](const DsnParameter& parameter) {
    if (parameter.key != "options") return false;
    before = parameter.value;
    return true;
  });
  const std::string kept = before ? *before : default_options();
  parts.parameters.push_back({"options", kept.empty() ? more : kept + " " + more});
}

struct Adapted {
  std::string dsn;
  std::vector<std::string> ignored;
  std::optional<std::size_t> unknown;  ///< the first: its index in the DSN
};

Adapted adapted(std::string_view dsn, const DsnParts& parts) {
  Adapted result;
  DsnParts kept{parts.is_url, parts.head, {}};
  std::string options;
  for (std::size_t i = 0; i < parts.parameters.size(); ++i) {
    const DsnParameter& parameter = parts.parameters[i];
    switch (kind_of(parts, parameter)) {
      case Kind::libpq:
        kept.parameters.push_back(parameter);
        break;
      case Kind::runtime:
        options += (options.empty() ? "" : " ") + as_option(parameter);
        break;
      case Kind::driver:  // does not echo the user's text
        result.ignored.push_back(lower(parameter.key).starts_with("x-") ? "x-…" : lower(parameter.key));
        break;
      case Kind::unknown:
        if (!result.unknown) result.unknown = i;
        break;
    }
  }
  const bool unchanged = kept.parameters.size() == parts.parameters.size();
  if (!options.empty()) add_options(kept, options);
  result.dsn = unchanged ? std::string(dsn) : join_dsn(kept);
  return result;
}

/// The parser does not check ports, and it reads "pa" in "user:pa/ss@host" as one.
bool plausible(const PQconninfoOption& option) {
  if (option.val == nullptr) return true;
  const std::string_view keyword = option.keyword;
  const std::string_view value = option.val;
  if (keyword == "port") return value.find_first_not_of("0123456789,") == std::string_view::npos;
  if (keyword == "host") return value.find('@') == std::string_view::npos || value.starts_with('/');
  return true;
}

bool plausible(const std::string& dsn) {
  const Options options = parsed(dsn);
  if (!options) return false;
  for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option)
    if (!plausible(*option)) return false;
  return true;
}

/// Whether an error may name this parameter: text after an unquoted space, '/' or '?' in a password looks like one.
bool may_be_named(const DsnParts& parts, std::size_t index) {
  const auto& all = parts.parameters;
  if (!is_name(all[index].key)) return false;
  if (!parts.is_url) return index == 0 || all[index - 1].key.find("password") == std::string::npos;
  return std::none_of(all.begin(), all.end(), [](const DsnParameter& parameter) {
    return parameter.key.find('@') != std::string::npos || parameter.value.find('@') != std::string::npos;
  });
}

}  // namespace

std::string with_parameter(const std::string& dsn, std::string_view key, std::string_view value) {
  const auto parts = split_dsn(dsn);
  if (!parts) return dsn;
  const auto named = [key](const DsnParameter& parameter) { return parameter.key == key; };
  if (std::any_of(parts->parameters.begin(), parts->parameters.end(), named)) return dsn;
  const std::string assignment = std::string(key) + "=" + std::string(value);
  if (!parts->is_url) return dsn + " " + assignment;
  if (dsn.size() == parts->head.size()) return dsn + "?" + assignment;
  return dsn + (dsn.ends_with('?') || dsn.ends_with('&') ? "" : "&") + assignment;
}

std::string check_dsn(std::string_view dsn) {
  if (dsn.find_first_of("=:") == std::string_view::npos)
    return accepted;  // libpq takes any single word as a database name
  const auto parts = split_dsn(dsn);
  if (!parts) return accepted;
  const Adapted result = adapted(dsn, *parts);
  if (!plausible(result.dsn)) return accepted;
  if (!result.unknown) return {};
  if (!may_be_named(*parts, *result.unknown)) return accepted;
  return "a DSN with known parameters: " + parts->parameters[*result.unknown].key +
         " is not a parameter of libpq, PostgreSQL or pgx";
}

std::vector<std::string> adapt_dsn(std::string& dsn) {
  const auto parts = split_dsn(dsn);
  if (!parts) return {};
  Adapted result = adapted(dsn, *parts);
  dsn = std::move(result.dsn);
  return std::move(result.ignored);
}

}  // namespace prompted::pg
