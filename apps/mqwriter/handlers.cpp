#include "mqwriter/handlers.hpp"

#include <cstdio>

#include "base/error.hpp"
#include "base/json.hpp"
#include "base/log.hpp"
#include "models/partition.hpp"
#include "models/publish.hpp"
#include "mqwriter/parameters.hpp"

namespace prompted::mqwriter {

namespace {

constexpr auto respond_within = std::chrono::seconds(8);  // clients of the earlier system give up at 10 (docs/api.md)

}  // namespace

PublishPtr Handlers::accept(http::Request& request) {
  const auto key = http::parse<PublishParameters>(request).key;
  auto publish = std::make_shared<Publish>();
  publish->body = std::move(request.body);  // before the scan: the messages are views into it
  auto scanned = models::scan_publish(publish->body);
  publish->topic = std::move(scanned.topic);
  publish->keyed = key.has_value();
  publish->arrived = request.arrived;
  publish->deadline = request.arrived + respond_within;
  publish->messages.reserve(scanned.messages.size());
  for (std::size_t i = 0; i < scanned.messages.size(); ++i) {
    const auto& message = scanned.messages[i];
    const auto id = key ? base::add_to_node(*key, i) : ids_.next();
    publish->messages.push_back({message.text, id, models::partition_of(message.gpu, partition_count_)});
    publish->bytes += message.text.size() + message_overhead;
  }
  return publish;
}

boost::asio::awaitable<http::Response> Handlers::publish(http::Request& request) {
  const PublishPtr publish = accept(request);
  const std::size_t duplicates = co_await flusher_.publish(publish);
  http::Response response = http::json(200, models::publish_response(publish->messages.size(), duplicates));
  if (log::enabled(log::Level::debug))
    response.notes = {{"topic", publish->topic},
                      {"first_msg_uuid", base::to_string(publish->messages.front().uuid)},
                      {"messages", publish->messages.size()},
                      {"duplicates", duplicates}};
  co_return response;
}

boost::asio::awaitable<http::Response> Handlers::buffer_metrics(http::Request&) {
  char text[64];
  std::snprintf(text, sizeof text, "{\"buffer_utilization\":%.4g}", flusher_.buffer().utilization());
  std::string body = text;
  if (body == "{\"buffer_utilization\":0}") body = "{\"buffer_utilization\":0.0}";
  co_return http::json(200, std::move(body));
}

}  // namespace prompted::mqwriter
