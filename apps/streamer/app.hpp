#pragma once
// The streamer: reader → pipe → publisher → mqwriter, and the write-back of what was sent.
#include <boost/asio/io_context.hpp>
#include <vector>

#include "base/spawn.hpp"
#include "service/daemon.hpp"
#include "streamer/config.hpp"
#include "streamer/csv_passes.hpp"
#include "streamer/mqwriter_link.hpp"
#include "streamer/pipe.hpp"
#include "streamer/publisher.hpp"
#include "streamer/skip_log.hpp"
#include "streamer/stop.hpp"
#include "streamer/write_back.hpp"

namespace prompted::streamer {

class App final : public service::App {
 public:
  /// Throws base::Error(invalid) if the file's header is invalid.
  App(boost::asio::io_context& owner, Config config);

  void add_routes(http::Router& router) override;
  void start(std::uint16_t port) override;
  std::vector<service::Check> checks() const override;
  void collect(service::MetricsWriter& metrics) const override;
  std::vector<service::MemoryPart> memory_parts() const override;
  void stop_intake() override;
  boost::asio::awaitable<void> finish(base::TimePoint deadline) override;

 private:
  Config config_;
  Stop stop_;
  SkipLog skipped_;
  WriteBack write_back_;
  MqwriterLink link_;
  Pipe pipe_;
  Publisher publisher_;
  CsvPasses reader_;
  base::TaskGroup tasks_;
};

}  // namespace prompted::streamer
