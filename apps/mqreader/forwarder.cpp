#include "mqreader/forwarder.hpp"

namespace prompted::mqreader {

namespace {
constexpr const char* mark = "Prompted-Forwarded";  // one hop at most
}

std::optional<std::string> Forwarder::destination(const http::Request& request, const std::string& lease_id) const {
  const auto id = base::parse_uuid(lease_id);
  if (!id || !request.header(mark).empty() || broker_.knows_lease(*id)) return std::nullopt;
  return ownership_.other_reader(*id);
}

boost::asio::awaitable<std::optional<http::Response>> Forwarder::forward(http::Request& request, std::string lease_id,
                                                                         base::TimePoint deadline) {
  const auto address = destination(request, lease_id);
  if (!address) co_return std::nullopt;
  http::Endpoint endpoint;
  endpoint.url = http::parse_url(*address);
  http::ClientRequest same;
  same.method = http::Method::post;
  same.target = request.path;
  same.body = request.body;
  same.headers.push_back({mark, "1"});
  same.repeatable = true;  // acks, nacks and extends name one exact lease: a repeat does nothing more
  ++forwarded_;
  http::ClientResponse answer = co_await client_.send(std::move(endpoint), std::move(same), deadline);
  http::Response response(answer.status, std::string(answer.header("Content-Type")), std::move(answer.body));
  co_return std::move(response);
}

}  // namespace prompted::mqreader
