#pragma once
// Base URLs from settings, and the addresses behind them.
#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace prompted::http {

/// `http://host[:port][/prefix]`.
struct Url {
  std::string host;  ///< without the brackets of an IPv6 address
  std::uint16_t port = 80;
  std::string prefix;  ///< "" or "/prefix", no trailing slash

  std::string host_header() const;
  std::string text() const;
  friend bool operator==(const Url&, const Url&) = default;
};

/// Parses a base URL: http only, without user, query or fragment. Throws base::Error(invalid) that names the URL and
/// the fault.
Url parse_url(std::string_view text);
/// Parses a comma-separated list of at least one URL.
std::vector<Url> parse_urls(std::string_view text);

/// The target of a connection: one address of one URL.
struct Endpoint {
  Url url;
  std::string address;  ///< numeric; "" = resolve url.host at every connect

  std::string label() const;  ///< "10.0.0.7:8085", for logs and metrics
  friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

/// Resolves the name of every URL (getaddrinfo on Asio's resolver thread). Skips names that fail to resolve; throws
/// base::Error(unavailable) if all fail.
boost::asio::awaitable<std::vector<Endpoint>> resolve(std::vector<Url> urls);

}  // namespace prompted::http
