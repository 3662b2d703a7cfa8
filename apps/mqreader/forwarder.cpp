#include "mqreader/forwarder.hpp"

namespace prompted::mqreader {

namespace {
constexpr const char* mark = "Prompted-Forwarded";        // one hop at most
constexpr auto respond_within = std::chrono::seconds(8);  // clients of the earlier system give up at 10
}  // namespace

std::optional<std::string> Forwarder::destination(const http::Request& request, const std::string& lease_id) const {
  owner_thread_.check();
  const auto id = base::parse_uuid(lease_id);
  if (!id || !request.header(mark).empty() || broker_.knows_lease(*id)) return std::nullopt;
  return ownership_.other_reader(*id);
}

boost::asio::awaitable<http::Response> Forwarder::forward(http::Request& request, std::string address) {
  const auto deadline = request.arrived + respond_within;
  http::Endpoint endpoint;
  endpoint.url = http::parse_url(address);
  http::ClientRequest same;
  same.method = http::Method::post;
  same.target = request.path;
  same.body = request.body;
  same.headers.push_back({mark, "1"});
  same.retryable = true;  // acks, nacks and extends name one exact lease: a retry does nothing more
  ++forwarded_;
  http::ClientResponse theirs = co_await client_.send(std::move(endpoint), std::move(same), deadline);
  http::Response response(theirs.status, std::string(theirs.header("Content-Type")), std::move(theirs.body));
  co_return std::move(response);
}

}  // namespace prompted::mqreader
