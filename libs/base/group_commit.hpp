#pragma once
// Group commit: what waits is flushed in batches, some beside each other, and a flush that fails is retried until it
// succeeds. Only the moving part: what waits, and when the next batch is due, is a plain class of the user's.
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

/// Buffer is a plain decision, without sockets, timers or clocks:
///   using Batch = …;
///   bool due(TimePoint now, std::size_t running) const;   a flush should start beside `running` others
///   TimePoint due_at() const;                             when time alone makes it due; never when time does not
///   Batch take();                                         the oldest items, as many as one flush should have
/// Owner: one thread. It must outlive its flushes: drain() first, or end the io_context.
template <class Buffer>
class GroupCommit {
 public:
  using Batch = typename Buffer::Batch;
  /// One attempt. True when every item of the batch has its result; false when what is left in the batch is to be
  /// retried.
  using Attempt = std::function<boost::asio::awaitable<bool>(Batch& batch, bool retry)>;

  struct Options {
    std::string name;                           ///< of the coroutines, in logs
    std::size_t most_running = 1;               ///< flushes beside each other
    std::chrono::milliseconds first_pause{50};  ///< before a retry: doubled with each, jittered
    std::chrono::milliseconds longest_pause{1000};
  };

  GroupCommit(boost::asio::io_context& owner, Buffer& buffer, Options options, Attempt attempt)
      : buffer_(buffer), options_(std::move(options)), attempt_(std::move(attempt)), flushes_(owner) {}

  /// After each item that was added to the buffer: starts what is due.
  void pump() {
    while (running_ < options_.most_running && buffer_.due(Clock::now(), running_)) {
      ++running_;
      flushes_.spawn(options_.name, flush(buffer_.take()));
    }
    if (running_ == options_.most_running || timer_armed_) return;  // the end of a flush pumps again
    const auto when = buffer_.due_at();
    if (when == never) return;
    timer_armed_ = true;
    flushes_.spawn(options_.name + " timer", wake_at(when));
  }

  /// Returns when everything that was added has been flushed; false when the deadline came first.
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
