#include "http/negotiation.hpp"

#include <optional>

#include "base/text.hpp"
#include "http/text.hpp"

namespace prompted::http {
namespace {

/// Removes the text before the next `separator` from the front and returns it, trimmed.
std::string_view take(std::string_view& text, char separator) {
  const std::size_t at = text.find(separator);
  const std::string_view part = text.substr(0, at);
  text.remove_prefix(at == std::string_view::npos ? text.size() : at + 1);
  return base::trim(part);
}

/// The q-value in thousandths; 0 if it is malformed (RFC 9110 section 12.4.2), so a malformed range is never chosen.
int parse_q(std::string_view text) {
  if (text.empty() || text.size() > 5 || (text.front() != '0' && text.front() != '1')) return 0;
  int q = (text.front() - '0') * 1000;
  if (text.size() > 1 && text[1] != '.') return 0;
  int unit = 100;
  for (const char digit : text.substr(text.size() > 1 ? 2 : 1)) {
    if (digit < '0' || digit > '9') return 0;
    q += (digit - '0') * unit;
    unit /= 10;
  }
  return q > 1000 ? 0 : q;
}

struct Range {
  std::string_view name;  ///< "text/csv", "gzip", "*"
  int q = 1000;
};

std::optional<Range> take_range(std::string_view& list) {
  while (!list.empty()) {
    std::string_view element = take(list, ',');
    Range range;
    range.name = take(element, ';');
    if (range.name.empty()) continue;  // an empty element is allowed
    while (!element.empty()) {
      std::string_view parameter = take(element, ';');
      const std::string_view name = take(parameter, '=');
      if (same_without_case(name, "q")) range.q = parse_q(base::trim(parameter));
    }
    return range;
  }
  return std::nullopt;
}

/// How specifically `range` matches `type`: greater is more specific, 0 is no match.
int match(std::string_view range, std::string_view type) {
  if (same_without_case(range, type)) return 3;
  if (range == "*/*" || range == "*") return 1;
  const bool whole_family = range.ends_with("/*") && type.size() >= range.size() - 1;
  if (whole_family && same_without_case(range.substr(0, range.size() - 1), type.substr(0, range.size() - 1))) return 2;
  return 0;
}

struct Liking {
  int q = 0;
  int specific = 0;
};

Liking liking(std::string_view accept, std::string_view type) {
  Liking best;
  type = base::trim(type.substr(0, type.find(';')));
  while (const auto range = take_range(accept)) {
    const int specific = match(range->name, type);
    if (specific <= best.specific) continue;
    best.specific = specific;
    best.q = range->q;
  }
  return best;
}

}  // namespace

std::string list_header(const std::vector<Header>& headers, std::string_view name) {
  std::string list;
  for (const Header& header : headers) {
    if (!same_without_case(header.name, name)) continue;
    if (!list.empty()) list += ", ";
    list += header.value;
  }
  return list;
}

std::string_view preferred_type(std::string_view accept, std::initializer_list<std::string_view> types) {
  std::string_view best = *types.begin();
  Liking most;
  for (const std::string_view type : types) {
    const Liking its = liking(accept, type);
    if (its.q < most.q || (its.q == most.q && its.specific <= most.specific) || its.q == 0) continue;
    most = its;
    best = type;
  }
  return best;
}

bool prefers_gzip(std::string_view accept_encoding) {
  std::optional<int> gzip;
  std::optional<int> identity;
  std::optional<int> any;
  while (const auto range = take_range(accept_encoding)) {
    if (same_without_case(range->name, "gzip") || same_without_case(range->name, "x-gzip")) gzip = range->q;
    else if (same_without_case(range->name, "identity")) identity = range->q;
    else if (range->name == "*") any = range->q;
  }
  const int gzip_q = gzip.value_or(any.value_or(0));
  // An identity that is not listed is acceptable, but less preferred than a coding listed by name.
  return gzip_q > 0 && gzip_q >= identity.value_or(any.value_or(0));
}

}  // namespace prompted::http
