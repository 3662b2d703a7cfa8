#pragma once
// mqreader's HTTP face: parse, validate, one call, respond.
#include <boost/asio/awaitable.hpp>

#include "http/message.hpp"
#include "mqreader/broker.hpp"
#include "mqreader/forwarder.hpp"

namespace prompted::mqreader {

class Handlers {
 public:
  Handlers(Broker& broker, Forwarder& forwarder) : broker_(broker), forwarder_(forwarder) {}

  boost::asio::awaitable<http::Response> lease(http::Request& request);
  boost::asio::awaitable<http::Response> ack(http::Request& request);
  boost::asio::awaitable<http::Response> nack(http::Request& request);
  boost::asio::awaitable<http::Response> extend(http::Request& request);
  boost::asio::awaitable<http::Response> partitions(http::Request& request);

 private:
  Broker& broker_;
  Forwarder& forwarder_;
};

}  // namespace prompted::mqreader
