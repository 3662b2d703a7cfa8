#include "http/url.hpp"

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <charconv>

#include "base/error.hpp"

namespace prompted::http {
namespace {

std::string bracketed(const std::string& host) { return host.find(':') == std::string::npos ? host : '[' + host + ']'; }

[[noreturn]] void refuse(std::string_view url, const std::string& why) {
  throw base::invalid('"' + std::string(url) + "\": " + why);
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
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
  // Boost.URL lets ports above 65535 pass.
  const std::string port(view.port().data(), view.port().size());
  if (!port.empty()) {
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), url.port);
    if (error != std::errc() || url.port == 0) refuse(text, "port must be 1..65535");
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
    urls.push_back(parse_url(trimmed(text.substr(0, comma))));
    if (comma == std::string_view::npos) return urls;
    text.remove_prefix(comma + 1);
  }
}

std::string percent_decode(std::string_view text, bool plus_is_blank) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int high = text[i] == '%' && i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
    const int low = high >= 0 ? hex_digit(text[i + 2]) : -1;
    if (low >= 0) {
      out += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      out += plus_is_blank && text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

std::string percent_encode(std::string_view text) {
  constexpr std::string_view unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (unreserved.find(c) != std::string_view::npos) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += '%';
      out += digits[byte >> 4];
      out += digits[byte & 15];
    }
  }
  return out;
}

}  // namespace prompted::http
