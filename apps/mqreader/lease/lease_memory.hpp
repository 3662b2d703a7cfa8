#pragma once
// Memory held by lease responses not yet sent. A slow client keeps its response in memory, so later responses are
// smaller; no lease is refused.
#include <algorithm>
#include <cstddef>
#include <memory>

#include "base/owner.hpp"

namespace prompted::mqreader {

/// Owner: the daemon's thread.
class LeaseMemory {
 public:
  static constexpr std::size_t most_bytes_at_once = 4 * 1024 * 1024;  ///< of one response's payloads
  static constexpr std::size_t least_bytes = 8 * 1024;                ///< however little is left; at least one message

  /// `most_bytes`: of all responses; each is sized by what is left.
  explicit LeaseMemory(std::size_t most_bytes = 20 * 1024 * 1024) : most_bytes_(most_bytes) {}

  /// Returns the bytes for the next response's payloads: a quarter of what is left. The last message may exceed it.
  std::size_t next() const {
    owner_thread_.check();
    const std::size_t left = most_bytes_ - std::min(*used_, most_bytes_);
    return std::clamp(left / 4, least_bytes, most_bytes_at_once);
  }
  /// Counts `bytes` until the returned object is destroyed, which may outlive this one.
  std::shared_ptr<void> hold(std::size_t bytes) {
    owner_thread_.check();
    return std::make_shared<Hold>(used_, bytes);
  }
  std::size_t used() const { return *used_; }

 private:
  struct Hold {
    Hold(std::shared_ptr<std::size_t> sum, std::size_t size) : used(std::move(sum)), bytes(size) { *used += bytes; }
    ~Hold() { *used -= bytes; }
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;
    std::shared_ptr<std::size_t> used;
    std::size_t bytes;
  };

  [[no_unique_address]] base::OwnerThread owner_thread_;
  std::size_t most_bytes_;
  std::shared_ptr<std::size_t> used_ = std::make_shared<std::size_t>(0);
};

}  // namespace prompted::mqreader
