#pragma once
// Acks, nacks and extends of leases that another reader granted: behind one load-balanced name a collector reaches any
// reader, so whoever gets them passes them on (DESIGN section 2).
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <optional>
#include <string>

#include "http/client.hpp"
#include "mqreader/broker.hpp"
#include "mqreader/ownership/ownership.hpp"

namespace prompted::mqreader {

/// Owner: the daemon's thread.
class Forwarder {
 public:
  Forwarder(boost::asio::io_context& owner, const Broker& broker, const Ownership& ownership)
      : client_(owner), broker_(broker), ownership_(ownership) {}

  /// The other reader's answer; nullopt when the request is ours to answer: the lease is known here, its reader is not alive,
  /// or the request was forwarded already. Throws base::Error(unavailable, expired) when that reader cannot be reached.
  boost::asio::awaitable<std::optional<http::Response>> forward(http::Request& request, std::string lease_id,
                                                                base::TimePoint deadline);

  std::uint64_t forwarded() const { return forwarded_; }
  void abort() { client_.abort(); }

 private:
  std::optional<std::string> destination(const http::Request& request, const std::string& lease_id) const;

  http::Client client_;
  const Broker& broker_;
  const Ownership& ownership_;
  std::uint64_t forwarded_ = 0;
};

}  // namespace prompted::mqreader
