#pragma once
// Publishers with known uuids and contents. Each batch has an Idempotency-Key and is retried with it until
// acknowledged.
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
  std::vector<std::string> writers;  ///< URLs; a retry goes to the next one
  std::uint64_t seed = 0;
  int threads = 16;
  int messages_per_second = 2500;  ///< maximum over all threads
  int largest_batch = 15;
  double poison_share = 0.003;
  double given_up_share = 0.01;  ///< of batches: the client does not retry after an unknown outcome
};

/// Live counters, read while the publishers run.
struct LoadCounts {
  std::atomic<std::uint64_t> publishes_acknowledged{0};
  std::atomic<std::uint64_t> messages_acknowledged{0};
  std::atomic<std::uint64_t> retries{0};          ///< publishes retried after an unknown outcome
  std::atomic<std::uint64_t> duplicates_seen{0};  ///< messages that a retry found in the queue already
  std::atomic<std::uint64_t> refused{0};          ///< 4xx: none may happen
  std::atomic<std::uint64_t> waiting{0};          ///< publishes currently without a response
};

class Load {
 public:
  explicit Load(LoadSettings settings);
  ~Load();  ///< stops retrying

  const LoadCounts& counts() const { return counts_; }
  /// Stops all retries, for when the writers do not recover.
  void abandon() { abandoned_ = true; }
  /// Retries every started batch until it is acknowledged, then ends the publishers.
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

/// Converts a sequence to a message's labels_raw, and back; 0 if the labels have none.
std::string labels_of(std::uint64_t sequence);
std::uint64_t sequence_of(const std::string& labels);

}  // namespace prompted::test::crash
