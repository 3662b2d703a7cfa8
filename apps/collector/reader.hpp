#pragma once
// One mqreader, at one address: its exchanges. Lease, ack, nack and extend of a lease all go to the same one.
#include <boost/asio/awaitable.hpp>
#include <string>
#include <vector>

#include "collector/context.hpp"
#include "http/client.hpp"
#include "models/lease_reply.hpp"

namespace prompted::collector {

/// Plain functions that return the client's exchange; they throw what it throws.
class Reader {
 public:
  using Answer = boost::asio::awaitable<http::ClientResponse>;

  Reader(Context& context, http::Endpoint endpoint)
      : context_(context), endpoint_(std::move(endpoint)), outage_("mqreader " + endpoint_.label()) {}

  Answer lease(std::chrono::milliseconds wait);
  /// No uuids: the whole lease.
  Answer ack(const std::string& lease_id, const std::vector<base::Uuid>& uuids);
  Answer nack(const std::string& lease_id, const std::vector<base::Uuid>& uuids, const models::NackVerdict& verdict);
  Answer extend(const std::string& lease_id);

  const http::Endpoint& endpoint() const { return endpoint_; }
  base::Outage& outage() { return outage_; }

  bool healthy = false;    ///< its last lease was answered
  int missed_lookups = 0;  ///< in a row, in which its address was not found
  bool retired = false;    ///< its address is gone: its loops end

 private:
  Answer post(const char* target, std::string body, std::chrono::milliseconds timeout, bool repeatable);
  Context& context_;
  http::Endpoint endpoint_;
  base::Outage outage_;
};

}  // namespace prompted::collector
