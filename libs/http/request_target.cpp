#include "http/request_target.hpp"

#include <algorithm>

#include "http/text.hpp"

namespace prompted::http {

RequestTarget split_target(std::string_view target) {
  if (same_without_case(target.substr(0, 7), "http://")) {
    target.remove_prefix(7);
    const std::size_t path = target.find_first_of("/?");
    target = path == std::string_view::npos ? std::string_view{} : target.substr(path);
    if (target.empty()) return {"/", {}};
    if (target.front() == '?') return {"/", target.substr(1)};
  }
  const std::size_t mark = target.find('?');
  if (mark == std::string_view::npos) return {target, {}};
  return {target.substr(0, mark), target.substr(mark + 1)};
}

void fill(Request& request, const RequestTarget& target) {
  request.path = base::percent_decode_leniently(target.path);
  std::string_view rest = target.query;
  while (!rest.empty()) {
    const std::string_view pair = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(rest.size(), pair.size() + 1));
    if (pair.empty()) continue;
    const std::size_t equals = pair.find('=');
    const std::string_view value = equals == std::string_view::npos ? std::string_view{} : pair.substr(equals + 1);
    request.query.emplace_back(base::percent_decode_leniently(pair.substr(0, equals), true),
                               base::percent_decode_leniently(value, true));
  }
}

}  // namespace prompted::http
