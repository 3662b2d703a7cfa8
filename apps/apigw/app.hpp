#pragma once
// Owns everything of this service. Member order is start order.
#include <boost/asio/io_context.hpp>

#include "apigw/config.hpp"
#include "apigw/handlers.hpp"
#include "apigw/routes.hpp"
#include "postgres/database.hpp"
#include "service/daemon.hpp"

namespace prompted::apigw {

class App final : public service::App {
 public:
  App(boost::asio::io_context& owner, const Config& config);

  void add_routes(http::Router& router) override;
  std::optional<http::Api> api() const override { return apigw::api(); }
  void start(std::uint16_t) override {}
  std::vector<service::Check> checks() const override;
  void collect(service::MetricsWriter& metrics) const override;
  std::vector<service::MemoryPart> memory_parts() const override;
  void stop_intake() override {}
  boost::asio::awaitable<void> finish(base::TimePoint deadline) override;

 private:
  pg::Database db_;
  TelemetryStore telemetry_;
  GpuStore gpus_;
  ReadCounts stats_;
  Handlers handlers_;
};

}  // namespace prompted::apigw
