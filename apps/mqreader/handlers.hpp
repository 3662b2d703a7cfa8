#pragma once
// mqreader's HTTP face: parse, validate, one call, respond. Ack, nack and extend come parsed, from Forwarder::route().
#include <boost/asio/awaitable.hpp>

#include "http/message.hpp"
#include "mqreader/broker.hpp"

namespace prompted::mqreader {

class Handlers {
 public:
  explicit Handlers(Broker& broker) : broker_(broker) {}

  boost::asio::awaitable<http::Response> lease(http::Request& request);
  boost::asio::awaitable<http::Response> ack(http::Request& request, models::AckRequest target);
  boost::asio::awaitable<http::Response> nack(http::Request& request, models::NackRequest wanted);
  boost::asio::awaitable<http::Response> extend(http::Request& request, models::ExtendRequest wanted);
  boost::asio::awaitable<http::Response> partitions(http::Request& request);

 private:
  Broker& broker_;
};

}  // namespace prompted::mqreader
