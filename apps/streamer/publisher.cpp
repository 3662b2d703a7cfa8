#include "streamer/publisher.hpp"

#include <utility>

#include "base/log.hpp"
#include "base/time.hpp"
#include "models/publish.hpp"

namespace prompted::streamer {

boost::asio::awaitable<void> Publisher::run() {
  owner_thread_.check();
  co_await take_until_end();
  pipe_.close();
  if (stop_.asked()) co_return;
  log::info(
      "done: the last pass is over",
      {{"passes", stats_.passes}, {"rows", stats_.rows}, {"skipped", skipped_.bad_rows() + skipped_.rejected_rows()}});
}

// After a stop request nothing more is begun: rows in the channel or in a batch were not sent and keep their
// timestamps.
boost::asio::awaitable<void> Publisher::take_until_end() {
  while (!stop_.asked()) {
    std::optional<PassItem> item = co_await pipe_.receive();
    if (!item || stop_.asked()) co_return;
    if (const auto* begin = std::get_if<PassBegin>(&*item)) {
      rows_before_pass_ = stats_.rows;
      write_back_.begin(begin->state);
    } else if (auto* piece = std::get_if<Piece>(&*item)) {
      co_await take(std::move(*piece));
    } else {
      if (batch_.rows() > 0) co_await publish_batch();
      if (stop_.asked()) co_return;
      end_pass();
    }
  }
}

boost::asio::awaitable<void> Publisher::take(Piece piece) {
  if (piece.kind != Piece::Kind::row && batch_.rows() == 0) {
    write_back_.keep(piece.raw);
    co_return;
  }
  // Stamped here and not when it was read from disk: it may have waited in the channel for many publishes.
  std::string stamp = base::format_rfc3339(base::now_utc());
  batch_.add(std::move(piece), std::move(stamp));
  if (batch_.full(static_cast<std::size_t>(config_.batch_size))) co_await publish_batch();
}

boost::asio::awaitable<void> Publisher::publish_batch() {
  BatchPlan plan(batch_.rows(), uuids_.next());
  while (!plan.done()) {
    const BatchPlan::Part part = plan.part();
    const PublishResponse response = co_await publish_part(part);
    if (response.accepted()) {
      plan.accepted();
      stats_.rows += part.count;
    } else if (response.should_retry()) {
      break;  // a stop was requested: the rest of the batch was not sent
    } else if (plan.rejected()) {
      skipped_.rejected(config_.csv_path, batch_.line_of(part.first), response.status, response.text);
    }
  }
  batch_.settle(plan.sent(), write_back_);
  batch_ = RowBatch();
  if (config_.interval_ms > 0) {
    const auto next = base::Clock::now() + std::chrono::milliseconds{config_.interval_ms};
    co_await stop_.pause_until(next);
  }
}

// Retries with the same key and body until a response needs no retry, or a stop is requested.
boost::asio::awaitable<PublishResponse> Publisher::publish_part(BatchPlan::Part part) {
  http::ClientRequest request;
  request.method = http::Method::post;
  request.target = "/v1/publish";
  request.headers.push_back(http::Header{"Idempotency-Key", base::to_string(part.key)});
  request.body = models::publish_body("telemetry", batch_.row_texts(part.first, part.count));
  request.retryable = true;
  for (;;) {
    http::ClientRequest copy = request;
    const auto begun = base::Clock::now();
    PublishResponse response = co_await link_.exchange(std::move(copy));
    if (response.accepted()) {
      stats_.seconds.observe(base::Clock::now() - begun);
      ++stats_.publishes;
    }
    if (!response.should_retry()) {
      outage_.recovered({{"address", response.address}});
      co_return response;
    }
    ++stats_.retries;
    const auto again = link_.ready_at();
    // Not worth a warning while another address can be tried at once.
    if (again > base::Clock::now())
      outage_.failed({{"address", response.address}, {"status", response.status}, {"reason", response.text}});
    const bool go_on = co_await stop_.pause_until(again);
    if (!go_on) co_return response;
  }
}

void Publisher::end_pass() {
  write_back_.commit();
  ++stats_.passes;
  const std::uint64_t rows = stats_.rows - rows_before_pass_;
  log::debug("pass done", {{"pass", stats_.passes}, {"rows", rows}});
  pipe_.pass_settled(rows);
}

}  // namespace prompted::streamer
