// Resolves the names of base URLs.
#include <algorithm>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/error.hpp"
#include "base/log.hpp"
#include "http/url.hpp"

namespace prompted::http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

void add(std::vector<Endpoint>& endpoints, Endpoint endpoint) {
  if (std::find(endpoints.begin(), endpoints.end(), endpoint) == endpoints.end())
    endpoints.push_back(std::move(endpoint));
}

void add_addresses(std::vector<Endpoint>& endpoints, const Url& url, const tcp::resolver::results_type& found) {
  const auto loopback = [](const auto& entry) { return entry.endpoint().address().is_loopback(); };
  if (std::all_of(found.begin(), found.end(), loopback)) {
    // "localhost" is 127.0.0.1 and ::1, but one server, which may listen on either: each connect tries both.
    add(endpoints, Endpoint{url, ""});
    return;
  }
  for (const auto& entry : found) add(endpoints, Endpoint{url, entry.endpoint().address().to_string()});
}

}  // namespace

boost::asio::awaitable<std::vector<Endpoint>> resolve(std::vector<Url> urls) {
  tcp::resolver resolver(co_await asio::this_coro::executor);
  std::vector<Endpoint> endpoints;
  std::string failed;
  for (const Url& url : urls) {
    boost::system::error_code error;
    const std::string service = std::to_string(url.port);
    const tcp::resolver::results_type found =
        co_await resolver.async_resolve(url.host, service, asio::redirect_error(asio::use_awaitable, error));
    if (error) {
      log::warn("name lookup failed", {{"host", url.host}, {"error", error.message()}});
      if (!failed.empty()) failed += ", ";
      failed += url.host + ": " + error.message();
      continue;
    }
    add_addresses(endpoints, url, found);
  }
  if (endpoints.empty()) throw base::Error(base::ErrorKind::unavailable, "name lookup failed: " + failed);
  co_return endpoints;
}

}  // namespace prompted::http
