#include "service/health.hpp"

#include <functional>

#include "base/json.hpp"
#include "base/log.hpp"
#include "service/health_operations.hpp"

namespace prompted::service {

namespace {

/// `checks`: an object; "" leaves it out.
std::string status_json(std::string_view status, const std::string& service, std::string_view checks = {}) {
  std::string out;
  base::JsonObject object(out);
  object.text("status", status);
  object.text("service", service);
  if (!checks.empty()) object.raw("checks", checks);
  object.end();
  return out;
}

}  // namespace

void Health::add_routes(http::Router& router, Health* health) {
  using http::Method;
  const auto add = [&router](std::string path, http::Handler handler, http::Operation operation) {
    http::Route route{Method::get, std::move(path), std::move(handler)};
    route.operation = std::move(operation);
    router.add(std::move(route));
  };
  add("/healthz", std::bind_front(&Health::healthz, health), healthz_operation());
  add("/readyz", std::bind_front(&Health::readyz, health), readyz_operation());
  add("/metrics", std::bind_front(&Health::metrics, health), metrics_operation());
}

std::pair<std::string, std::string> Health::tag() {
  return {"health", "Probes and metrics, the same for every daemon"};
}

void Health::observe(const http::Outcome& outcome) {
  owner_thread_.check();
  const std::string_view route = outcome.route.empty() ? std::string_view("unmatched") : outcome.route;
  auto& stats = routes_[{std::string(http::to_string(outcome.method)), std::string(route)}];
  ++stats.by_status[outcome.status];
  stats.seconds.observe(outcome.took);
}

boost::asio::awaitable<http::Response> Health::healthz(http::Request&) {
  co_return http::json(200, status_json("ok", service_));
}

boost::asio::awaitable<http::Response> Health::readyz(http::Request&) {
  owner_thread_.check();
  bool ready = !draining_;
  std::string checks;
  base::JsonObject object(checks);
  if (draining_) object.text("drain", "in progress");
  for (const auto& check : app_.checks()) {
    ready = ready && check.trouble.empty();
    object.text(check.name, check.trouble.empty() ? std::string_view("ok") : check.trouble);
  }
  object.end();
  if (ready) co_return http::json(200, status_json("ready", service_));
  co_return http::json(503, status_json("unavailable", service_, checks));
}

boost::asio::awaitable<http::Response> Health::metrics(http::Request&) {
  owner_thread_.check();
  MetricsWriter writer(service_);
  for (const auto& [key, stats] : routes_) {
    for (const auto& [status, count] : stats.by_status) {
      const std::string code = std::to_string(status);
      writer.counter("http_requests_total", "Requests by route and status", static_cast<double>(count),
                     {{"method", key.first}, {"route", key.second}, {"status", code}});
    }
  }
  for (const auto& [key, stats] : routes_)
    writer.histogram("http_request_duration_seconds",
                     "Time from the end of the request headers to the last byte of the response", stats.seconds,
                     {{"method", key.first}, {"route", key.second}});
  if (server_ != nullptr) {
    const auto load = server_->load();
    writer.gauge("http_connections", "Open connections", static_cast<double>(load.connections));
    writer.gauge("http_requests_in_flight", "Requests in progress", static_cast<double>(load.requests));
    writer.gauge("http_body_bytes", "Size of request bodies in memory, limited by HTTP_BODY_BUDGET",
                 static_cast<double>(load.body_bytes));
    writer.gauge("http_response_bytes", "Size of responses waiting to be sent, limited by HTTP_RESPONSE_BUDGET",
                 static_cast<double>(load.response_bytes));
  }
  writer.counter("log_lines_suppressed_total", "Log lines suppressed because the same message was logged too often",
                 static_cast<double>(log::suppressed()));
  app_.collect(writer);
  co_return http::Response(200, "text/plain; version=0.0.4; charset=utf-8", writer.text());
}

}  // namespace prompted::service
