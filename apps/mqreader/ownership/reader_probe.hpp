#pragma once
// Asks an address which reader answers there.
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <optional>
#include <string>

#include "base/uuid.hpp"
#include "http/client.hpp"

namespace prompted::mqreader {

/// Owner: the daemon's thread.
class ReaderProbe {
 public:
  explicit ReaderProbe(boost::asio::io_context& owner) : client_(owner) {}

  /// The id of the reader at `address` (http://host:port); nullopt when none answers as one within half a second.
  boost::asio::awaitable<std::optional<base::Uuid>> who_is_at(std::string address);

 private:
  http::Client client_;
};

}  // namespace prompted::mqreader
