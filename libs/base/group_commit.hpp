#pragma once
// Group commit: flushes queued items in batches, several at a time if allowed, and retries a failed flush until it
// succeeds. This is only the scheduling. The caller's buffer, a plain class, holds the items and decides when a batch
// is due.
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <utility>

#include "base/backoff.hpp"
#include "base/clock.hpp"
#include "base/spawn.hpp"

namespace prompted::base {

/// Buffer is a plain class, without sockets, timers or clocks:
///   using Batch = …;
///   bool due(TimePoint now, std::size_t running) const;   whether to start a flush while `running` others run
///   TimePoint due_at() const;                             when time alone makes it due, or `never`
///   Batch take();                                         the oldest items, as many as one flush should take
/// Owner: one thread. It must outlive its flushes: drain() first, or end the io_context.
template <class Buffer>
class GroupCommit {
 public:
  using Batch = typename Buffer::Batch;
  /// One attempt at a batch. Returns true once every item has its result, false to retry the items left in `batch`.
  using Attempt = std::function<boost::asio::awaitable<bool>(Batch& batch, bool retry)>;

  struct Options {
    std::string name;                           ///< names the coroutines in logs
    std::size_t most_running = 1;               ///< maximum concurrent flushes
    std::chrono::milliseconds first_pause{50};  ///< before the first retry; doubles with each retry, jittered
    std::chrono::milliseconds longest_pause{1000};
  };

  GroupCommit(boost::asio::io_context& owner, Buffer& buffer, Options options, Attempt attempt)
      : buffer_(buffer), options_(std::move(options)), attempt_(std::move(attempt)), flushes_(owner) {}

  /// Starts every flush that is due. Call it after each item added to the buffer.
  void pump() {
    while (running_ < options_.most_running && buffer_.due(Clock::now(), running_)) {
      ++running_;
      flushes_.spawn(options_.name, flush(buffer_.take()));
    }
    if (running_ == options_.most_running || timer_armed_) return;  // a flush pumps again when it ends
    const auto when = buffer_.due_at();
    if (when == never) return;
    timer_armed_ = true;
    flushes_.spawn(options_.name + " timer", wake_at(when));
  }

  /// Waits until every added item has been flushed. False if the deadline comes first.
  boost::asio::awaitable<bool> drain(TimePoint deadline) { return flushes_.finished(deadline); }

 private:
  boost::asio::awaitable<void> flush(Batch batch) {
    Backoff backoff(options_.first_pause, options_.longest_pause);
    bool done = co_await attempt_(batch, false);
    while (!done) {
      co_await sleep_for(backoff.next());
      done = co_await attempt_(batch, true);
    }
    --running_;
    pump();
  }

  boost::asio::awaitable<void> wake_at(TimePoint when) {
    co_await sleep_until(when);
    timer_armed_ = false;
    pump();
  }

  Buffer& buffer_;
  const Options options_;
  const Attempt attempt_;
  TaskGroup flushes_;
  std::size_t running_ = 0;
  bool timer_armed_ = false;
};

}  // namespace prompted::base
