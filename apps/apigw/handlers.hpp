#pragma once
// Parse, validate, one store call, respond. Owner: the daemon's thread.
#include <boost/asio/awaitable.hpp>

#include "apigw/query.hpp"
#include "apigw/sources.hpp"
#include "base/owner.hpp"
#include "http/message.hpp"

namespace prompted::apigw {

class Handlers {
 public:
  Handlers(TelemetryStore& telemetry, GpuStore& gpus, ReadCounts& stats)
      : telemetry_(telemetry), gpus_(gpus), stats_(stats) {}

  boost::asio::awaitable<http::Response> list_gpus(http::Request& request);
  boost::asio::awaitable<http::Response> gpu(http::Request& request);
  boost::asio::awaitable<http::Response> gpu_metrics(http::Request& request);
  boost::asio::awaitable<http::Response> gpu_telemetry(http::Request& request);
  boost::asio::awaitable<http::Response> telemetry(http::Request& request);
  boost::asio::awaitable<http::Response> latest_metrics(http::Request& request);

 private:
  /// The first page, and the tag of the whole response if it has one.
  struct Opening {
    Opening() = default;  // not an aggregate: it travels through coroutines (docs/toolchain.md)
    Page page;
    std::string etag;
  };
  boost::asio::awaitable<http::Response> response(http::Request& request, const TelemetryParameters& parameters);
  boost::asio::awaitable<http::Response> list(std::string begin, GpuSource::Query query);
  boost::asio::awaitable<bool> narrow_to_known_metrics(Selection& selection);
  boost::asio::awaitable<Opening> open(Selection& selection, bool closed);

  TelemetryStore& telemetry_;
  GpuStore& gpus_;
  ReadCounts& stats_;
  [[no_unique_address]] base::OwnerThread owner_thread_;
};

}  // namespace prompted::apigw
