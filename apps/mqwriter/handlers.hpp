#pragma once
// mqwriter's HTTP face: parse, validate, one call, respond.
#include <boost/asio/awaitable.hpp>

#include "base/uuid.hpp"
#include "http/message.hpp"
#include "mqwriter/flusher.hpp"

namespace prompted::mqwriter {

class Handlers {
 public:
  Handlers(Flusher& flusher, int partition_count) : flusher_(flusher), partition_count_(partition_count) {}

  boost::asio::awaitable<http::Response> publish(http::Request& request);
  boost::asio::awaitable<http::Response> buffer_metrics(http::Request& request);

 private:
  PublishPtr accept(http::Request& request);

  Flusher& flusher_;
  int partition_count_;
  base::UuidV7Generator ids_;
};

}  // namespace prompted::mqwriter
