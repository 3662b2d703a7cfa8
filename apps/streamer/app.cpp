#include "streamer/app.hpp"

#include <algorithm>
#include <utility>

namespace prompted::streamer {

App::App(boost::asio::io_context& owner, Config config)
    : config_(std::move(config)),
      stop_(owner),
      write_back_(config_.csv_path),
      link_(owner, http::parse_urls(config_.mq_base_url), stop_),
      pipe_(owner, static_cast<std::size_t>(config_.channel_buffer)),
      publisher_(config_, pipe_, link_, write_back_, skipped_, stop_),
      reader_(config_, pipe_, write_back_, skipped_, stop_),
      tasks_(owner) {
  CsvSource{config_.csv_path};  // a bad header stops the start
}

void App::add_routes(http::Router&) {}

void App::start(std::uint16_t) {
  tasks_.spawn("mqwriter link", link_.watch());
  tasks_.spawn("publisher", publisher_.run());
  tasks_.spawn("reader", reader_.run());
}

std::vector<service::Check> App::checks() const { return {{"mqwriter", link_.reachable() ? "" : "unreachable"}}; }

void App::collect(service::MetricsWriter& metrics) const {
  const PublishStats& stats = publisher_.stats();
  const auto count = [](std::uint64_t n) { return static_cast<double>(n); };
  metrics.counter("rows_published_total", "Rows accepted by mqwriter", count(stats.rows));
  metrics.counter("rows_skipped_total", "Rows not published, by reason", count(skipped_.bad_rows()),
                  {{"reason", "bad_row"}});
  metrics.counter("rows_skipped_total", "Rows not published, by reason", count(skipped_.rejected_rows()),
                  {{"reason", "rejected"}});
  metrics.counter("publishes_total", "Publishes that succeeded", count(stats.publishes));
  metrics.counter("publish_retries_total", "Publishes that failed and are retried", count(stats.retries));
  metrics.counter("passes_total", "Passes over the file", count(stats.passes));
  metrics.histogram("publish_seconds", "Duration of a publish request", stats.seconds);
  metrics.gauge("channel_depth", "Chunks of the file queued between reader and publisher", count(pipe_.depth()));
}

std::vector<service::MemoryPart> App::memory_parts() const {
  // A batch is held as rows, as a body, and as what the write-back needs of it.
  return {{"pipe", Pipe::most_bytes}, {"batch", 4 * RowBatch::most_bytes}};
}

void App::stop_intake() {
  stop_.ask();
  link_.abort_probe();
}

boost::asio::awaitable<void> App::finish(base::TimePoint deadline) {
  // The publish in flight gets most of the time, the write-back the rest.
  const base::Duration left = std::max(base::Duration::zero(), deadline - base::Clock::now());
  const base::Duration reserve = std::min<base::Duration>(left / 4, std::chrono::milliseconds{1500});
  const bool ended = co_await tasks_.finished(deadline - reserve);
  if (!ended) {
    link_.abort();
    co_await tasks_.finished(deadline - reserve / 2);
  }
  write_back_.commit_early(deadline - reserve / 8);
}

}  // namespace prompted::streamer
