#pragma once
// How a batch of rows gets through when some of them are refused: halves of halves, until each bad row stands alone.
#include <cstddef>
#include <vector>

#include "base/halves.hpp"
#include "base/uuid.hpp"

namespace prompted::streamer {

/// A decision without sockets or clock. Message i of a batch keeps its id (key + i in the last 48 bits, docs/api.md)
/// whatever part it is sent in: a part whose rows an earlier try with an unknown outcome has stored makes no
/// duplicates.
class BatchPlan {
 public:
  BatchPlan(std::size_t rows, base::Uuid key);

  struct Part {
    std::size_t first = 0;
    std::size_t count = 0;
    base::Uuid key;  ///< Idempotency-Key
  };
  /// The parts of a batch are sent one after the other, in the rows' order.
  bool done() const { return waiting_.done(); }
  Part part() const;
  /// Records that the part got a 2xx.
  void accepted();
  /// Records that the part was refused. Returns true if it was a single row: that row is bad and is skipped.
  bool rejected();

  /// By row: it was accepted.
  const std::vector<bool>& sent() const { return sent_; }

 private:
  base::Halves waiting_;
  base::Uuid key_;
  std::vector<bool> sent_;
};

}  // namespace prompted::streamer
