#pragma once
// /v1/dead-letters: parse, validate, one call, respond.
#include <boost/asio/awaitable.hpp>

#include "http/message.hpp"
#include "mqreader/dead_letters/dead_letters.hpp"

namespace prompted::mqreader {

class DeadLetterHandlers {
 public:
  DeadLetterHandlers(DeadLetterStore& store, DeadLetters& letters) : store_(store), letters_(letters) {}

  boost::asio::awaitable<http::Response> list(http::Request& request);
  boost::asio::awaitable<http::Response> redrive(http::Request& request);
  boost::asio::awaitable<http::Response> purge(http::Request& request);

 private:
  DeadLetterStore& store_;
  DeadLetters& letters_;
};

}  // namespace prompted::mqreader
