#include "http/site_guard.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/ip/address.hpp>

#include "base/error.hpp"
#include "base/text.hpp"
#include "http/text.hpp"

namespace prompted::http {
namespace {

bool is_address(const std::string& host) {
  boost::system::error_code error;
  boost::asio::ip::make_address(host, error);
  return !error;
}

/// The host without port, IPv6 brackets and trailing dot.
std::string name_of(std::string_view host) {
  if (host.starts_with('[')) {
    const std::size_t close = host.find(']');
    return std::string(host.substr(1, close == std::string_view::npos ? close : close - 1));
  }
  host = host.substr(0, host.find(':'));
  if (host.ends_with('.')) host.remove_suffix(1);
  return base::lower(host);
}

bool cannot_be_rebound(const std::string& name) {
  constexpr std::array<std::string_view, 3> own_zones{".localhost", ".svc", ".cluster.local"};
  if (name.empty()) return false;
  if (name.find('.') == std::string::npos || is_address(name)) return true;
  return std::any_of(own_zones.begin(), own_zones.end(), [&](std::string_view zone) { return name.ends_with(zone); });
}

bool covers(std::string_view pattern, std::string_view name) {
  if (pattern == "*") return true;
  if (pattern.starts_with("*.")) return name.size() > pattern.size() - 1 && name.ends_with(pattern.substr(1));
  return pattern == name;
}

bool is_pattern(std::string_view text) {
  if (text == "*") return true;
  if (text.starts_with("*.")) text.remove_prefix(2);
  constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyz0123456789-_.";
  return !text.empty() && text.find_first_not_of(allowed) == std::string_view::npos && text.front() != '.';
}

/// Strips `port`, the default one: an Origin omits it, a Host may have it.
std::string_view without_port(std::string_view host, std::string_view port) {
  if (host.ends_with(port)) host.remove_suffix(port.size());
  return host;
}

bool is_origin_of(std::string_view origin, std::string_view host) {
  constexpr std::string_view http = "http://";
  constexpr std::string_view https = "https://";  // a proxy in front may terminate TLS
  const bool secure = same_without_case(origin.substr(0, https.size()), https);
  if (!secure && !same_without_case(origin.substr(0, http.size()), http))
    return false;  // "null", or a browser extension's scheme
  origin.remove_prefix(secure ? https.size() : http.size());
  const std::string_view port = secure ? ":443" : ":80";
  return !host.empty() && same_without_case(without_port(origin, port), without_port(host, port));
}

}  // namespace

HostList::HostList(std::vector<std::string> also) : also_(std::move(also)) {}

bool HostList::allows(std::string_view host) const {
  const std::string name = name_of(host);
  if (cannot_be_rebound(name)) return true;
  return !name.empty() &&
         std::any_of(also_.begin(), also_.end(), [&](const std::string& pattern) { return covers(pattern, name); });
}

std::vector<std::string> parse_allowed_hosts(std::string_view text) {
  std::vector<std::string> hosts;
  while (!text.empty()) {
    std::string_view entry = text.substr(0, text.find(','));
    text.remove_prefix(std::min(text.size(), entry.size() + 1));
    while (entry.starts_with(' ')) entry.remove_prefix(1);
    while (entry.ends_with(' ')) entry.remove_suffix(1);
    if (entry.empty()) continue;
    std::string pattern = base::lower(entry);
    if (!is_pattern(pattern))
      throw base::invalid("comma-separated host names without ports, such as telemetry.example.com,*.example.org");
    hosts.push_back(std::move(pattern));
  }
  return hosts;
}

bool from_another_site(const Request& request) {
  const std::string_view site = request.header("Sec-Fetch-Site");
  if (same_without_case(site, "cross-site") || same_without_case(site, "same-site")) return true;
  const std::string_view origin = request.header("Origin");
  return !origin.empty() && !is_origin_of(origin, request.header("Host"));
}

}  // namespace prompted::http
