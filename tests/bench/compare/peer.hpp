#pragma once
// A run of a peer: producers send `messages` by `batch` and consumers take and settle them at the same time.
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "load/options.hpp"

namespace prompted::bench {

/// One connection to the peer. Either half may throw.
class Peer {
 public:
  virtual ~Peer() = default;
  /// Returns once the peer has confirmed a batch of `batch` rows.
  virtual void produce(std::size_t batch) = 0;
  /// Takes up to `batch` messages and settles them; how many there were (0: none now).
  virtual std::size_t consume(std::size_t batch) = 0;
};

/// `connect(i)` makes connection i. Prints {"messages", "seconds", "rate"}: until the last one was settled.
int run_peer(const Options& options, const std::function<std::unique_ptr<Peer>(std::size_t)>& connect);

}  // namespace prompted::bench
