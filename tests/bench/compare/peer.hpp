#pragma once
// A benchmark run of a peer: producers send `messages` in batches of `batch` while consumers receive and acknowledge
// them.
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "load/options.hpp"

namespace prompted::bench {

/// One connection to the peer. Both functions may throw.
class Peer {
 public:
  virtual ~Peer() = default;
  /// Returns once the peer has confirmed a batch of `batch` rows.
  virtual void produce(std::size_t batch) = 0;
  /// Receives and acknowledges up to `batch` messages; returns their number (0: none now).
  virtual std::size_t consume(std::size_t batch) = 0;
};

/// `connect(i)` makes connection i. Prints {"messages", "seconds", "rate"}: measured until the last message was
/// acknowledged.
int run_peer(const Options& options, const std::function<std::unique_ptr<Peer>(std::size_t)>& connect);

}  // namespace prompted::bench
