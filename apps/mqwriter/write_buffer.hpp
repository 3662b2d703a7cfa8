#pragma once
// Publishes that wait for a flush, and when to start one: adaptive group commit as a plain decision, without sockets,
// threads or clocks (docs/queue.md).
#include <chrono>
#include <cstddef>
#include <deque>
#include <memory>
#include <vector>

#include "base/clock.hpp"
#include "mqwriter/publish.hpp"

namespace prompted::mqwriter {

using PublishPtr = std::shared_ptr<const Publish>;

struct BufferLimits {
  std::size_t capacity = 20000;  ///< messages held, waiting or in a flush
  std::size_t capacity_bytes = 64 * 1024 * 1024;
  std::size_t flush_size = 500;                   ///< so many waiting start a flush beside running ones
  std::chrono::milliseconds flush_interval{500};  ///< so does the oldest having waited so long
  std::size_t batch_messages = 2000;              ///< a flush takes at most so many (but one whole publish always)
  std::size_t batch_bytes = 2 * 1024 * 1024;
};

/// Maximum bytes of concurrent flushes; a larger publish is flushed alone.
inline constexpr std::size_t flushing_bytes = 16 * 1024 * 1024;

class WriteBuffer {
 public:
  explicit WriteBuffer(BufferLimits limits) : limits_(limits) {}

  /// Whether a publish of this size fits now. An empty buffer admits any single publish, because otherwise it could
  /// never be sent.
  bool admits(std::size_t messages, std::size_t bytes) const;
  void add(PublishPtr publish);

  /// A flush should start: none is running, or enough messages wait, or the oldest has waited long enough. The caller
  /// has a free connection.
  bool due(base::TimePoint now, std::size_t flushes_running) const;
  /// Whether the oldest publish must wait for a flush to end: running ones use up flushing_bytes.
  bool must_wait() const;
  /// When due() becomes true by time alone; base::never when nothing waits, or when it must_wait().
  base::TimePoint due_at() const;
  /// Takes the oldest publishes, whole, up to a batch. They stay counted until release(), the batch as a flush until
  /// flushed().
  struct Batch {
    std::vector<PublishPtr> publishes;
    std::size_t bytes = 0;
  };
  Batch take();
  /// Removes a publish that was committed, refused or abandoned.
  void release(const Publish& publish);
  /// Withdraws a publish that still waits. Returns false if a flush has it.
  bool withdraw(const PublishPtr& publish);
  /// Records that the batch of a take() has its outcome.
  void flushed(std::size_t bytes) { flushing_bytes_ -= bytes; }

  std::size_t held_messages() const { return held_messages_; }
  std::size_t held_bytes() const { return held_bytes_; }
  std::size_t waiting_messages() const { return waiting_messages_; }
  bool empty() const { return held_messages_ == 0; }
  /// 0..1, for autoscalers.
  double utilization() const;

 private:
  BufferLimits limits_;
  std::deque<PublishPtr> waiting_;
  std::size_t waiting_messages_ = 0;
  std::size_t held_messages_ = 0;
  std::size_t held_bytes_ = 0;
  std::size_t flushing_bytes_ = 0;
};

}  // namespace prompted::mqwriter
