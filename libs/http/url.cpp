#include "http/url.hpp"

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include "base/error.hpp"
#include "base/text.hpp"

namespace prompted::http {
namespace {

std::string bracketed(const std::string& host) { return host.find(':') == std::string::npos ? host : '[' + host + ']'; }

[[noreturn]] void refuse(std::string_view url, const std::string& why) {
  throw base::invalid('"' + std::string(url) + "\": " + why);
}

}  // namespace

std::string Url::host_header() const {
  std::string header = bracketed(host);
  if (port != 80) header += ':' + std::to_string(port);
  return header;
}

std::string Url::text() const { return "http://" + host_header() + prefix; }

std::string Endpoint::label() const {
  return bracketed(address.empty() ? url.host : address) + ':' + std::to_string(url.port);
}

Url parse_url(std::string_view text) {
  const auto parsed = boost::urls::parse_uri({text.data(), text.size()});
  if (!parsed) refuse(text, "expected http://host[:port][/prefix]");
  const boost::urls::url_view& view = *parsed;
  if (view.scheme_id() != boost::urls::scheme::http) refuse(text, "only http is supported");
  if (view.host().empty()) refuse(text, "host is missing");
  if (view.has_userinfo()) refuse(text, "user names and passwords are not supported");
  if (view.has_query() || view.has_fragment()) refuse(text, "queries and fragments are not supported");

  Url url;
  url.host = view.host_address();
  // Boost.URL accepts ports above 65535.
  const std::string port(view.port().data(), view.port().size());
  if (!port.empty()) {
    url.port = base::parse_whole<std::uint16_t>(port).value_or(0);
    if (url.port == 0) refuse(text, "port must be 1..65535");
  }
  const auto path = view.encoded_path();
  url.prefix.assign(path.data(), path.size());
  while (url.prefix.ends_with('/')) url.prefix.pop_back();
  return url;
}

std::vector<Url> parse_urls(std::string_view text) {
  std::vector<Url> urls;
  for (;;) {
    const std::size_t comma = text.find(',');
    urls.push_back(parse_url(base::trim(text.substr(0, comma))));
    if (comma == std::string_view::npos) return urls;
    text.remove_prefix(comma + 1);
  }
}

}  // namespace prompted::http
