#pragma once
// Owns everything of this service. Member order is start order.
#include <boost/asio/io_context.hpp>

#include "collector/config.hpp"
#include "collector/context.hpp"
#include "collector/reader_set.hpp"
#include "collector/store.hpp"
#include "postgres/database.hpp"
#include "service/daemon.hpp"

namespace prompted::collector {

class App final : public service::App {
 public:
  App(boost::asio::io_context& owner, const Config& config);

  void add_routes(http::Router&) override {}
  void start(std::uint16_t) override { readers_.start(); }
  std::vector<service::Check> checks() const override;
  void collect(service::MetricsWriter& metrics) const override;
  std::vector<service::MemoryPart> memory_parts() const override;
  /// No new leases; what is held is persisted and acked in finish().
  void stop_intake() override;
  boost::asio::awaitable<void> finish(base::TimePoint deadline) override;

 private:
  pg::Database db_;
  Store store_;
  Context context_;
  ReaderSet readers_;
};

}  // namespace prompted::collector
