#include "mqreader/handlers.hpp"

#include "base/log.hpp"
#include "models/partitions.hpp"
#include "mqreader/overview.hpp"

namespace prompted::mqreader {

namespace {
constexpr auto respond_within = std::chrono::seconds(8);  // clients of the earlier system give up at 10
}

boost::asio::awaitable<http::Response> Handlers::lease(http::Request& request) {
  auto wanted = models::parse_lease(request.body);
  const std::string topic = wanted.topic;
  const std::string consumer = wanted.consumer_id;
  auto lease = co_await broker_.lease(std::move(wanted), request.client_gone);
  http::Response response = http::json(200, std::move(lease.json));
  // It lives as long as the response, and counts its memory as long.
  response.unsent = [this, topic, lease_id = lease.lease_id, memory = std::move(lease.memory)] {
    broker_.take_back_grant(topic, lease_id);
  };
  if (log::enabled(log::Level::debug))
    response.notes = {{"topic", topic},
                      {"consumer_id", consumer},
                      {"lease_id", base::to_string(lease.lease_id)},
                      {"messages", lease.messages}};
  co_return response;
}

boost::asio::awaitable<http::Response> Handlers::ack(http::Request& request, models::AckRequest target) {
  const std::string lease_id = target.lease_id;
  const auto acked = co_await broker_.ack(std::move(target), request.arrived + respond_within);
  http::Response response = http::json(200, models::ack_response(acked));
  if (log::enabled(log::Level::debug)) response.notes = {{"lease_id", lease_id}, {"acked", acked}};
  co_return response;
}

boost::asio::awaitable<http::Response> Handlers::nack(http::Request& request, models::NackRequest wanted) {
  const std::string lease_id = wanted.target.lease_id;
  const auto result = co_await broker_.nack(std::move(wanted), request.arrived + respond_within);
  http::Response response = http::json(200, models::nack_response(result.requeued, result.dead));
  if (log::enabled(log::Level::debug))
    response.notes = {{"lease_id", lease_id}, {"requeued", result.requeued}, {"dead", result.dead}};
  co_return response;
}

boost::asio::awaitable<http::Response> Handlers::extend(http::Request&, models::ExtendRequest wanted) {
  co_return http::json(200, models::extend_response(broker_.extend(wanted)));
}

boost::asio::awaitable<http::Response> Handlers::partitions(http::Request&) {
  co_return http::json(200, models::partitions_response(overview(broker_)));
}

}  // namespace prompted::mqreader
