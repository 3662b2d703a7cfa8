#include "postgres/dsn_parts.hpp"

#include "base/text.hpp"

namespace prompted::pg {

namespace {

bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

/// Decodes as libpq does; rejects a NUL byte, which would end the value early.
std::optional<std::string> decoded(std::string_view text) {
  auto out = base::percent_decode(text);
  if (out && out->find('\0') != std::string::npos) return std::nullopt;
  return out;
}

/// The position of the query's '?': a password may contain one too.
std::size_t query_of(std::string_view url) {
  const std::size_t authority = url.find("://") + 3;
  const std::size_t user_end = url.find_first_of("@/", authority);
  const bool has_user = user_end != std::string_view::npos && url[user_end] == '@';
  return url.find('?', has_user ? user_end : authority);
}

std::optional<DsnParts> split_url(std::string_view url) {
  DsnParts parts;
  parts.is_url = true;
  const std::size_t query = query_of(url);
  parts.head = url.substr(0, query);
  if (query == std::string_view::npos) return parts;
  std::string_view rest = url.substr(query + 1);
  while (!rest.empty()) {
    const std::size_t end = rest.find('&');
    const std::string_view pair = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    const auto key = decoded(pair.substr(0, equals));
    const auto value = decoded(pair.substr(equals + 1));
    if (!key || !value) return std::nullopt;
    parts.parameters.push_back({*key, *value});
  }
  return parts;
}

void skip_blanks(std::string_view& text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
}

/// Removes a value: 'in quotes' or up to a space; a backslash escapes the next character.
std::optional<std::string> take_value(std::string_view& text) {
  const bool quoted = text.starts_with('\'');
  if (quoted) text.remove_prefix(1);
  std::string value;
  while (!text.empty()) {
    if (quoted ? text.front() == '\'' : is_blank(text.front())) break;
    if (text.front() == '\\' && text.size() > 1) text.remove_prefix(1);
    value += text.front();
    text.remove_prefix(1);
  }
  if (!quoted) return value;
  if (text.empty()) return std::nullopt;
  text.remove_prefix(1);
  return value;
}

std::optional<DsnParts> split_pairs(std::string_view text) {
  DsnParts parts;
  skip_blanks(text);
  while (!text.empty()) {
    std::size_t end = 0;
    while (end < text.size() && text[end] != '=' && !is_blank(text[end])) ++end;
    std::string key(text.substr(0, end));
    text.remove_prefix(end);
    skip_blanks(text);
    if (!text.starts_with('=')) return std::nullopt;
    text.remove_prefix(1);
    skip_blanks(text);
    auto value = take_value(text);
    if (!value) return std::nullopt;
    parts.parameters.push_back({std::move(key), std::move(*value)});
    skip_blanks(text);
  }
  return parts;
}

std::string quoted(std::string_view value) {
  std::string out = "'";
  for (const char c : value) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

}  // namespace

std::optional<DsnParts> split_dsn(std::string_view dsn) {
  const bool is_url = dsn.starts_with("postgres://") || dsn.starts_with("postgresql://");
  return is_url ? split_url(dsn) : split_pairs(dsn);
}

std::string join_dsn(const DsnParts& parts) {
  std::string dsn = parts.head;
  char separator = parts.is_url ? '?' : '\0';
  for (const auto& [key, value] : parts.parameters) {
    if (separator != '\0') dsn += separator;
    separator = parts.is_url ? '&' : ' ';
    dsn += parts.is_url ? base::percent_encode(key) + "=" + base::percent_encode(value) : key + "=" + quoted(value);
  }
  return dsn;
}

}  // namespace prompted::pg
