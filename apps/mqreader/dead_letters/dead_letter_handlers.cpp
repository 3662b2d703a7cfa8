#include "mqreader/dead_letters/dead_letter_handlers.hpp"

#include "mqreader/dead_letters/parameters.hpp"

namespace prompted::mqreader {

namespace {
constexpr auto respond_within = std::chrono::seconds(8);
}

boost::asio::awaitable<http::Response> DeadLetterHandlers::list(http::Request& request) {
  auto parameters = http::parse<DeadLetterParameters>(request);
  std::string body = co_await store_.list(std::move(parameters.query), request.arrived + respond_within);
  co_return http::json(200, std::move(body));
}

boost::asio::awaitable<http::Response> DeadLetterHandlers::redrive(http::Request& request) {
  auto selection = models::parse_selection(request.body);
  const std::size_t redriven = co_await letters_.move(DeadLetterAction::redrive, std::move(selection));
  co_return http::json(200, models::redrive_response(redriven));
}

boost::asio::awaitable<http::Response> DeadLetterHandlers::purge(http::Request& request) {
  auto selection = models::parse_selection(request.body);
  const std::size_t purged = co_await letters_.move(DeadLetterAction::purge, std::move(selection));
  co_return http::json(200, models::purge_response(purged));
}

}  // namespace prompted::mqreader
