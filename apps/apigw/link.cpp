#include "apigw/link.hpp"

#include "base/text.hpp"

namespace prompted::apigw {

std::string next_link(const http::Request& request, const std::string& cursor) {
  std::string out = "<";
  std::string_view route = request.route;
  while (!route.empty()) {
    const auto open = route.find('{');
    out += route.substr(0, open);
    if (open == std::string_view::npos) break;
    const auto close = route.find('}', open);
    out += base::percent_encode(request.param(route.substr(open + 1, close - open - 1)));
    route.remove_prefix(close + 1);
  }
  out += '?';
  for (const auto& [name, value] : request.query) {
    if (name == "cursor" || value.empty()) continue;
    out += base::percent_encode(name) + '=' + base::percent_encode(value) + '&';
  }
  return out + "cursor=" + cursor + ">; rel=\"next\"";
}

}  // namespace prompted::apigw
