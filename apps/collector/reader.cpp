#include "collector/reader.hpp"

#include "models/lease_reply.hpp"

namespace prompted::collector {

namespace {

constexpr std::chrono::milliseconds answer_timeout{10000};

}  // namespace

Reader::Answer Reader::post(const char* target, std::string body, std::chrono::milliseconds timeout, bool repeatable) {
  http::ClientRequest request;
  request.method = http::Method::post;
  request.target = target;
  request.body = std::move(body);
  request.repeatable = repeatable;
  return context_.client.send(endpoint_, std::move(request), base::Clock::now() + timeout);
}

Reader::Answer Reader::lease(std::chrono::milliseconds wait) {
  const Config& config = context_.config;
  // Not repeatable: a lease whose answer was lost holds its messages until it expires; a second one would take more.
  return post("/v1/lease",
              models::lease_body(topic, context_.consumer_id, config.lease_max, config.lease_seconds, wait),
              wait + answer_timeout, false);
}

Reader::Answer Reader::ack(const std::string& lease_id, const std::vector<base::Uuid>& uuids) {
  return post("/v1/ack", models::ack_body(topic, context_.consumer_id, lease_id, uuids), answer_timeout, true);
}

Reader::Answer Reader::nack(const std::string& lease_id, const std::vector<base::Uuid>& uuids,
                            const models::NackVerdict& verdict) {
  return post("/v1/nack", models::nack_body(topic, context_.consumer_id, lease_id, uuids, verdict), answer_timeout,
              true);
}

Reader::Answer Reader::extend(const std::string& lease_id) {
  // Rather soon without an answer than late with the next INSERT.
  return post("/v1/extend", models::extend_body(topic, context_.consumer_id, lease_id, context_.config.lease_seconds),
              std::chrono::milliseconds(2000), true);
}

}  // namespace prompted::collector
