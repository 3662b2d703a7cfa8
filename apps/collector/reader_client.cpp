#include "collector/reader_client.hpp"

#include "models/lease_response.hpp"

namespace prompted::collector {

namespace {

constexpr std::chrono::milliseconds response_timeout{10000};

}  // namespace

ReaderClient::AwaitedResponse ReaderClient::post(const char* target, std::string body,
                                                 std::chrono::milliseconds timeout, bool retryable) {
  http::ClientRequest request;
  request.method = http::Method::post;
  request.target = target;
  request.body = std::move(body);
  request.retryable = retryable;
  return context_.client.send(endpoint_, std::move(request), base::Clock::now() + timeout);
}

ReaderClient::AwaitedResponse ReaderClient::lease(std::chrono::milliseconds wait) {
  const Config& config = context_.config;
  // Not retryable: a lease whose response was lost holds its messages until it expires, and a second one would take
  // more.
  return post("/v1/lease",
              models::lease_body(topic, context_.consumer_id, config.lease_max, config.lease_seconds, wait),
              wait + response_timeout, false);
}

ReaderClient::AwaitedResponse ReaderClient::ack(const std::string& lease_id, const std::vector<base::Uuid>& uuids) {
  return post("/v1/ack", models::ack_body(topic, context_.consumer_id, lease_id, uuids), response_timeout, true);
}

ReaderClient::AwaitedResponse ReaderClient::nack(const std::string& lease_id, const std::vector<base::Uuid>& uuids,
                                                 const models::NackVerdict& verdict) {
  return post("/v1/nack", models::nack_body(topic, context_.consumer_id, lease_id, uuids, verdict), response_timeout,
              true);
}

ReaderClient::AwaitedResponse ReaderClient::extend(const std::string& lease_id) {
  // A short timeout: a missing response must not delay the next INSERT.
  return post("/v1/extend", models::extend_body(topic, context_.consumer_id, lease_id, context_.config.lease_seconds),
              std::chrono::milliseconds(2000), true);
}

}  // namespace prompted::collector
