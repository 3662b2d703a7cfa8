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

/// Throws base::Error(invalid) that says what is wrong with which URL: only http, no user, query or fragment.
Url parse_url(std::string_view text);
/// A comma list, at least one.
std::vector<Url> parse_urls(std::string_view text);

/// One address of one URL: what a connection is made to.
struct Endpoint {
  Url url;
  std::string address;  ///< numeric; "" = resolve url.host at every connect

  std::string label() const;  ///< "10.0.0.7:8085", for logs and metrics
  friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

/// The addresses of every URL, each name looked up (getaddrinfo on a thread of Asio's own). A name that cannot be
/// looked up is left out; all of them failing throws base::Error(unavailable).
boost::asio::awaitable<std::vector<Endpoint>> resolve(std::vector<Url> urls);

}  // namespace prompted::http
