#pragma once
// Finds out which reader listens at an address.
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <optional>
#include <string>

#include "base/owner.hpp"
#include "base/uuid.hpp"
#include "http/client.hpp"

namespace prompted::mqreader {

/// Owner: the daemon's thread.
class ReaderProbe {
 public:
  explicit ReaderProbe(boost::asio::io_context& owner) : client_(owner) {}

  /// The id of the reader at `address` (http://host:port); nullopt when none responds within half a second.
  boost::asio::awaitable<std::optional<base::Uuid>> who_is_at(std::string address);

 private:
  [[no_unique_address]] base::OwnerThread owner_thread_;
  http::Client client_;
};

}  // namespace prompted::mqreader
