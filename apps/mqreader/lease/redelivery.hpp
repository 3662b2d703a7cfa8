#pragma once
// Persists the number of a message's next delivery before that delivery, so that no crash loses a count
// (docs/queue.md).
#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "base/outage.hpp"
#include "base/owner.hpp"
#include "mqreader/lease/lease_store.hpp"
#include "mqreader/lease/message_table.hpp"
#include "mqreader/ownership/ownership_lease.hpp"

namespace prompted::mqreader {

/// Owner: the daemon's thread.
class Redelivery {
 public:
  Redelivery(std::string topic, MessageTable& messages, LeaseStore& store, OwnershipLease& ownership_lease,
             base::Outage& outage)
      : topic_(std::move(topic)),
        messages_(messages),
        store_(store),
        ownership_lease_(ownership_lease),
        outage_(outage) {}

  struct Result {
    Result() = default;  // not an aggregate: it travels through coroutines (docs/toolchain.md)

    bool failed = false;             ///< retry after a pause
    std::vector<std::int64_t> gone;  ///< consumed elsewhere: no longer in the table
  };
  /// Writes the waiting attempts in one statement. Makes those messages ready again.
  boost::asio::awaitable<Result> persist_attempts();

 private:
  [[no_unique_address]] base::OwnerThread owner_thread_;
  std::string topic_;
  MessageTable& messages_;
  LeaseStore& store_;
  OwnershipLease& ownership_lease_;
  base::Outage& outage_;
};

}  // namespace prompted::mqreader
