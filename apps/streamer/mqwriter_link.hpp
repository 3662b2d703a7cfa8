#pragma once
// The connection to mqwriter: its addresses, one HTTP exchange, and whether it is reachable.
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/owner.hpp"
#include "http/client.hpp"
#include "http/url.hpp"
#include "streamer/stop.hpp"
#include "streamer/writers.hpp"

namespace prompted::streamer {

/// Result of one exchange.
struct PublishResponse {
  int status = 0;    ///< 0: there was none
  std::string text;  ///< the start of the body, or what went wrong
  std::string address;

  bool accepted() const { return status >= 200 && status < 300; }
  /// A retry may succeed: no response, 408, 421, 429, 5xx. Redirects and other unexpected statuses say nothing about
  /// the rows, so they are retried, too.
  bool should_retry() const {
    return !accepted() && (status < 400 || status == 408 || status == 421 || status == 429 || status >= 500);
  }
};

/// Owner: the thread of `owner`.
class MqwriterLink {
 public:
  MqwriterLink(boost::asio::io_context& owner, std::vector<http::Url> urls, Stop& stop);

  /// Makes one attempt at one address. An address that failed is skipped for a while.
  boost::asio::awaitable<PublishResponse> exchange(http::ClientRequest request);
  /// When an address can be tried; in the past if one can be tried now.
  base::TimePoint ready_at() const;
  /// Looks names up periodically, and queries /healthz while there is no other traffic, until a stop is requested.
  boost::asio::awaitable<void> watch();

  /// Whether mqwriter last responded, even with "full".
  bool reachable() const { return reachable_; }
  /// Ends the probe in flight; at the beginning of a drain.
  void abort_probe() { prober_.abort(); }
  /// Ends the publish in flight; at the end of a drain.
  void abort() { client_.abort(); }

 private:
  boost::asio::awaitable<void> look_up();
  boost::asio::awaitable<PublishResponse> send(http::Client& client, http::ClientRequest request,
                                               std::chrono::seconds limit);

  std::vector<http::Url> urls_;
  Stop& stop_;
  http::Client client_;
  http::Client prober_;
  Writers writers_;
  bool reachable_ = false;
  base::TimePoint last_response_ = base::TimePoint::min();
  base::TimePoint look_up_at_ = base::TimePoint::min();
  [[no_unique_address]] base::OwnerThread owner_thread_;
};

}  // namespace prompted::streamer
