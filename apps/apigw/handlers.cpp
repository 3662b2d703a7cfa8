#include "apigw/handlers.hpp"

namespace prompted::apigw {

boost::asio::awaitable<http::Response> Handlers::list_gpus(http::Request&) {
  std::string body = co_await store_.list_gpus(base::Clock::now() + query_timeout);
  co_return http::json(200, std::move(body));
}

boost::asio::awaitable<http::Response> Handlers::telemetry(http::Request& request) {
  Window window(request.param("id"), request.query_value("start_time"), request.query_value("end_time"));

  // The first page comes before the status: a database that cannot be reached is a 503, not a broken body.
  Page page = co_await store_.telemetry(window, std::nullopt, base::Clock::now() + query_timeout);
  ++stats_.pages;
  stats_.rows += page.rows;

  std::string body = answer_begin(window.gpu_id) + page.entries;
  if (!page.next) body += answer_end;
  http::Response response = http::json(200, std::move(body));
  if (page.next) {
    ++stats_.streams;
    response.source = std::make_unique<TelemetrySource>(store_, stats_, std::move(window), std::move(*page.next));
  }
  co_return response;
}

}  // namespace prompted::apigw
