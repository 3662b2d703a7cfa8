#include "http/router.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace prompted::http {
namespace {

/// Removes the leading '/' and the segment after it from `path`; returns the segment.
std::string_view take_segment(std::string_view& path) {
  path.remove_prefix(1);
  const std::string_view segment = path.substr(0, path.find('/'));
  path.remove_prefix(segment.size());
  return segment;
}

bool is_param(std::string_view segment) {
  return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}

bool same_segment(std::string_view fixed, std::string_view asked) {
  if (asked.find('%') == std::string_view::npos) return fixed == asked;
  return fixed == base::percent_decode_leniently(asked);
}

bool matches(std::string_view pattern, std::string_view path) {
  while (!pattern.empty() && !path.empty()) {
    if (path.front() != '/') return false;
    const std::string_view wanted = take_segment(pattern);
    const std::string_view asked = take_segment(path);
    if (is_param(wanted) ? asked.empty() : !same_segment(wanted, asked)) return false;
  }
  return pattern.empty() && path.empty();
}

/// Whether `a` takes precedence over `b`, both matching the same path: the first segment that only one has fixed
/// decides.
bool more_specific(std::string_view a, std::string_view b) {
  while (!a.empty() && !b.empty()) {
    const bool a_param = is_param(take_segment(a));
    const bool b_param = is_param(take_segment(b));
    if (a_param != b_param) return b_param;
  }
  return false;
}

std::vector<std::pair<std::string, std::string>> params_of(std::string_view pattern, std::string_view path) {
  std::vector<std::pair<std::string, std::string>> params;
  while (!pattern.empty()) {
    const std::string_view wanted = take_segment(pattern);
    const std::string_view asked = take_segment(path);
    if (is_param(wanted))
      params.emplace_back(wanted.substr(1, wanted.size() - 2), base::percent_decode_leniently(asked));
  }
  return params;
}

std::string allow_header(std::vector<std::string_view> methods) {
  std::sort(methods.begin(), methods.end());
  methods.erase(std::unique(methods.begin(), methods.end()), methods.end());
  std::string allow;
  for (const std::string_view method : methods) {
    if (!allow.empty()) allow += ", ";
    allow += method;
  }
  return allow;
}

bool responds_to(const Route& route, Method method) {
  return route.method == method || (route.method == Method::get && method == Method::head);
}

}  // namespace

void Router::add(Route route) {
  if (route.max_body == 0) route.max_body = max_body_;
  routes_.push_back(std::move(route));
}

Router::Match Router::match(Method method, std::string_view path) const {
  Match found;
  std::vector<std::string_view> methods;
  for (const Route& route : routes_) {
    if (!matches(route.pattern, path)) continue;
    methods.push_back(to_string(route.method));
    if (route.method == Method::get) methods.push_back(to_string(Method::head));
    if (!responds_to(route, method)) continue;
    if (found.route == nullptr || more_specific(route.pattern, found.route->pattern)) found.route = &route;
  }
  found.allow = allow_header(std::move(methods));
  if (found.route != nullptr) found.params = params_of(found.route->pattern, path);
  return found;
}

}  // namespace prompted::http
