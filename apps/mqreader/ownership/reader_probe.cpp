#include "mqreader/ownership/reader_probe.hpp"

#include "base/error.hpp"
#include "models/partitions.hpp"

namespace prompted::mqreader {

boost::asio::awaitable<std::optional<base::Uuid>> ReaderProbe::who_is_at(std::string address) {
  owner_thread_.check();
  std::optional<base::Uuid> found;
  try {
    http::Endpoint endpoint;
    endpoint.url = http::parse_url(address);
    http::ClientRequest request;
    request.target = "/v1/partitions";
    const auto deadline = base::Clock::now() + std::chrono::milliseconds(500);
    const http::ClientResponse response = co_await client_.send(std::move(endpoint), std::move(request), deadline);
    if (response.status == 200) found = models::parse_reader_id(response.body);
  } catch (const base::Error&) {
    found.reset();
  }
  co_return found;
}

}  // namespace prompted::mqreader
