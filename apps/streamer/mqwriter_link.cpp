#include "streamer/mqwriter_link.hpp"

#include <utility>

#include "base/error.hpp"
#include "base/log.hpp"

namespace prompted::streamer {
namespace {

using namespace std::chrono_literals;

constexpr auto publish_limit = 10s;  // mqwriter responds within 8 s
constexpr auto probe_limit = 2s;
constexpr auto addresses_last = 30s;
constexpr auto look_up_pause = 1s;  // after a name was not found
constexpr auto quiet_time = 5s;     // without a response: then query /healthz
constexpr std::size_t text_bytes = 300;

}  // namespace

MqwriterLink::MqwriterLink(boost::asio::io_context& owner, std::vector<http::Url> urls, Stop& stop)
    : urls_(std::move(urls)), stop_(stop), client_(owner), prober_(owner) {}

base::TimePoint MqwriterLink::ready_at() const {
  owner_thread_.check();
  return writers_.empty() ? look_up_at_ : writers_.ready_at();
}

boost::asio::awaitable<PublishResponse> MqwriterLink::exchange(http::ClientRequest request) {
  owner_thread_.check();
  if (writers_.empty()) co_await look_up();
  PublishResponse response = co_await send(client_, std::move(request), publish_limit);
  co_return response;
}

boost::asio::awaitable<PublishResponse> MqwriterLink::send(http::Client& client, http::ClientRequest request,
                                                           std::chrono::seconds limit) {
  PublishResponse response;
  const auto endpoint = writers_.pick(base::Clock::now());
  if (!endpoint) {
    response.text = "no mqwriter address is available";
    if (writers_.empty()) reachable_ = false;
    co_return response;
  }
  response.address = endpoint->label();
  std::chrono::seconds retry_after{0};
  const auto deadline = base::Clock::now() + limit;
  try {
    http::Endpoint target = *endpoint;
    http::ClientResponse received = co_await client.send(std::move(target), std::move(request), deadline);
    response.status = received.status;
    response.text = received.body.substr(0, text_bytes);
    retry_after = received.retry_after();
  } catch (const base::Error& error) {
    response.text = error.what();
  }
  const auto now = base::Clock::now();
  if (response.status != 0) last_response_ = now;
  if (response.should_retry()) writers_.failed(*endpoint, now, retry_after);
  else writers_.succeeded(*endpoint);
  // One dead address of several is no outage.
  reachable_ = response.status != 0 || (reachable_ && writers_.ready_at() <= now);
  co_return response;
}

boost::asio::awaitable<void> MqwriterLink::look_up() {
  try {
    std::vector<http::Url> urls = urls_;
    const std::vector<http::Endpoint> endpoints = co_await http::resolve(std::move(urls));
    writers_.update(endpoints);
    look_up_at_ = base::Clock::now() + addresses_last;
  } catch (const base::Error& error) {
    // Old addresses may still be good.
    log::debug("mqwriter name lookup failed", {{"reason", error.what()}});
    look_up_at_ = base::Clock::now() + look_up_pause;
  }
}

boost::asio::awaitable<void> MqwriterLink::watch() {
  owner_thread_.check();
  while (!stop_.asked()) {
    if (base::Clock::now() >= look_up_at_) co_await look_up();
    const auto now = base::Clock::now();
    const bool quiet = last_response_ == base::TimePoint::min() || now - last_response_ >= quiet_time;
    if ((quiet || !reachable_) && ready_at() <= now && !stop_.asked()) {
      http::ClientRequest probe;
      probe.target = "/healthz";
      probe.retryable = true;
      co_await send(prober_, std::move(probe), probe_limit);
    }
    const auto next = base::Clock::now() + (reachable_ ? 2000ms : 250ms);
    co_await stop_.pause_until(next);
  }
}

}  // namespace prompted::streamer
