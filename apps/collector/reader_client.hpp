#pragma once
// One mqreader, at one address: its exchanges. Lease, ack, nack and extend of a lease all go to the same one.
#include <boost/asio/awaitable.hpp>
#include <string>
#include <vector>

#include "collector/context.hpp"
#include "http/client.hpp"
#include "models/lease_response.hpp"

namespace prompted::collector {

/// Plain functions that return the client's exchange; they throw what it throws.
class ReaderClient {
 public:
  using AwaitedResponse = boost::asio::awaitable<http::ClientResponse>;

  ReaderClient(Context& context, http::Endpoint endpoint)
      : context_(context), endpoint_(std::move(endpoint)), outage_("mqreader " + endpoint_.label()) {}

  AwaitedResponse lease(std::chrono::milliseconds wait);
  /// No uuids: the whole lease.
  AwaitedResponse ack(const std::string& lease_id, const std::vector<base::Uuid>& uuids);
  AwaitedResponse nack(const std::string& lease_id, const std::vector<base::Uuid>& uuids,
                       const models::NackVerdict& verdict);
  AwaitedResponse extend(const std::string& lease_id);

  const http::Endpoint& endpoint() const { return endpoint_; }
  base::Outage& outage() { return outage_; }

  bool healthy = false;    ///< its last lease got a response
  int missed_lookups = 0;  ///< in a row, in which its address was not found
  bool retired = false;    ///< its address is gone: its loops end

 private:
  AwaitedResponse post(const char* target, std::string body, std::chrono::milliseconds timeout, bool retryable);
  Context& context_;
  http::Endpoint endpoint_;
  base::Outage outage_;
};

}  // namespace prompted::collector
