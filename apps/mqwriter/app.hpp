#pragma once
// mqwriter: accepts publishes and responds after COMMIT.
#include "mqwriter/config.hpp"
#include "mqwriter/flusher.hpp"
#include "mqwriter/handlers.hpp"
#include "mqwriter/store.hpp"
#include "postgres/database.hpp"
#include "service/daemon.hpp"

namespace prompted::mqwriter {

class App final : public service::App {
 public:
  App(boost::asio::io_context& owner, const Config& config);

  void add_routes(http::Router& router) override;
  std::optional<http::Api> api() const override;
  void start(std::uint16_t) override {}
  std::vector<service::Check> checks() const override;
  void collect(service::MetricsWriter& metrics) const override;
  std::vector<service::MemoryPart> memory_parts() const override;
  void stop_intake() override {}
  boost::asio::awaitable<void> finish(base::TimePoint deadline) override;

 private:
  const Config& config_;
  pg::Database database_;
  Store store_;
  Flusher flusher_;
  Handlers handlers_;
};

}  // namespace prompted::mqwriter
