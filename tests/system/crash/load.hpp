#pragma once
// The publishers: known uuids and contents, an Idempotency-Key a batch, the same key again until it is taken.
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "system/crash/checker.hpp"

namespace prompted::test::crash {

struct LoadSettings {
  std::vector<std::string> writers;  ///< URLs; a repeated publish goes to the next one
  std::uint64_t seed = 0;
  int threads = 16;
  int messages_per_second = 2500;  ///< of all threads, at most
  int largest_batch = 15;
  double poison_share = 0.003;
  double given_up_share = 0.01;  ///< of batches: the client does not repeat an unknown outcome
};

/// What goes on now; read while the publishers run.
struct LoadCounts {
  std::atomic<std::uint64_t> publishes_acknowledged{0};
  std::atomic<std::uint64_t> messages_acknowledged{0};
  std::atomic<std::uint64_t> retries{0};          ///< publishes sent again after an unknown outcome
  std::atomic<std::uint64_t> duplicates_seen{0};  ///< messages that a repeat found in the queue already
  std::atomic<std::uint64_t> refused{0};          ///< 4xx: none may happen
  std::atomic<std::uint64_t> waiting{0};          ///< publishes without an answer at this moment
};

class Load {
 public:
  explicit Load(LoadSettings settings);
  ~Load();  ///< repeats nothing any more

  const LoadCounts& counts() const { return counts_; }
  /// Publishers whose writers do not come back repeat nothing any more.
  void abandon() { abandoned_ = true; }
  /// Every batch that was begun is repeated until it is acknowledged, then the publishers end.
  std::vector<Sent> finish();

 private:
  class Publisher;
  LoadSettings settings_;
  LoadCounts counts_;
  std::atomic<std::uint64_t> sequence_{1};
  std::atomic<bool> abandoned_{false};
  std::vector<std::unique_ptr<Publisher>> publishers_;
  std::vector<std::jthread> threads_;
};

/// The labels_raw of a message, and back: 0 when it is not one of ours.
std::string labels_of(std::uint64_t sequence);
std::uint64_t sequence_of(const std::string& labels);

}  // namespace prompted::test::crash
