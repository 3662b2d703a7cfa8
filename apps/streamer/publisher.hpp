#pragma once
// The coroutine that publishes the rows read, and tells the write-back which were sent.
#include <boost/asio/awaitable.hpp>
#include <cstdint>

#include "base/outage.hpp"
#include "base/owner.hpp"
#include "base/uuid.hpp"
#include "service/metrics.hpp"
#include "streamer/batch_plan.hpp"
#include "streamer/config.hpp"
#include "streamer/mqwriter_link.hpp"
#include "streamer/pipe.hpp"
#include "streamer/row_batch.hpp"
#include "streamer/skip_log.hpp"
#include "streamer/stop.hpp"
#include "streamer/write_back.hpp"

namespace prompted::streamer {

struct PublishStats {
  std::uint64_t rows = 0;       ///< accepted
  std::uint64_t publishes = 0;  ///< that got a 2xx
  std::uint64_t retries = 0;
  std::uint64_t passes = 0;
  service::Histogram seconds;  ///< of the publishes
};

/// Owner: the streamer's owner thread.
class Publisher {
 public:
  Publisher(const Config& config, Pipe& pipe, MqwriterLink& link, WriteBack& write_back, SkipLog& skipped, Stop& stop)
      : config_(config), pipe_(pipe), link_(link), write_back_(write_back), skipped_(skipped), stop_(stop) {}

  /// Runs until the reader has finished or, after a stop request, the publish in flight has ended.
  boost::asio::awaitable<void> run();
  const PublishStats& stats() const { return stats_; }

 private:
  boost::asio::awaitable<void> take_until_end();
  boost::asio::awaitable<void> take(Piece piece);
  boost::asio::awaitable<void> publish_batch();
  boost::asio::awaitable<PublishResponse> publish_part(BatchPlan::Part part);
  void end_pass();

  const Config& config_;
  Pipe& pipe_;
  MqwriterLink& link_;
  WriteBack& write_back_;
  SkipLog& skipped_;
  Stop& stop_;
  base::UuidV7Generator uuids_;
  RowBatch batch_;
  std::uint64_t rows_before_pass_ = 0;
  PublishStats stats_;
  base::Outage outage_{"publish"};
  [[no_unique_address]] base::OwnerThread owner_thread_;
};

}  // namespace prompted::streamer
