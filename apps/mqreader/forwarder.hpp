#pragma once
// Forwards acks, nacks and extends to the reader that granted the lease. Behind one load-balanced name a collector
// reaches any reader (docs/api.md).
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <optional>
#include <string>

#include "base/owner.hpp"
#include "http/client.hpp"
#include "models/queue.hpp"
#include "mqreader/broker.hpp"
#include "mqreader/ownership/ownership.hpp"

namespace prompted::mqreader {

/// Owner: the daemon's thread.
class Forwarder {
 public:
  Forwarder(boost::asio::io_context& owner, const Broker& broker, const Ownership& ownership)
      : client_(owner), broker_(broker), ownership_(ownership) {}

  template <class Parsed>
  using Parse = Parsed (*)(std::string_view body);
  template <class Handlers, class Parsed>
  using Own = boost::asio::awaitable<http::Response> (Handlers::*)(http::Request&, Parsed);

  /// Wraps a route: parses the request, and either forwards it or calls `own` with it. It is handled here if the lease
  /// is known here, its reader is not alive, or the request was already forwarded. Throws what `parse` and `own` throw,
  /// and base::Error(unavailable, expired) if the other reader cannot be reached.
  template <class Handlers, class Parsed>
  boost::asio::awaitable<http::Response> route(Parse<Parsed> parse, Handlers* handlers, Own<Handlers, Parsed> own,
                                               http::Request& request) {
    auto parsed = parse(request.body);
    const auto address = destination(request, lease_of(parsed));
    if (address) co_return co_await forward(request, *address);
    co_return co_await (handlers->*own)(request, std::move(parsed));
  }

  std::uint64_t forwarded() const { return forwarded_; }

 private:
  static const std::string& lease_of(const models::AckRequest& request) { return request.lease_id; }
  static const std::string& lease_of(const models::NackRequest& request) { return request.target.lease_id; }
  static const std::string& lease_of(const models::ExtendRequest& request) { return request.target.lease_id; }
  /// Returns the other reader's address, or nullopt if the request is handled here.
  std::optional<std::string> destination(const http::Request& request, const std::string& lease_id) const;
  boost::asio::awaitable<http::Response> forward(http::Request& request, std::string address);

  [[no_unique_address]] base::OwnerThread owner_thread_;
  http::Client client_;
  const Broker& broker_;
  const Ownership& ownership_;
  std::uint64_t forwarded_ = 0;
};

}  // namespace prompted::mqreader
