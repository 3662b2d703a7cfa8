#pragma once
// Rows that leave the table while a statement reads old rows: its result must not bring them back into memory.
#include <cstdint>
#include <unordered_set>
#include <vector>

#include "mqreader/message.hpp"

namespace prompted::mqreader {

/// Plain. A row that is only dropped from memory is not a removal, because it will be read again. The poll and the
/// sweep may read at the same time.
class RemovalWatch {
 public:
  void poll_reads(bool on) {
    poll_ = on;
    forget_unwatched();
  }
  void sweep_reads(bool on) {
    sweep_ = on;
    forget_unwatched();
  }

  /// Records that a row has left the table.
  void removed(std::int64_t id) {
    if (poll_ || sweep_) removed_.insert(id);
  }
  bool saw_removal_of(std::int64_t id) const { return removed_.contains(id); }
  /// Drops rows that were removed while they were read.
  void filter(std::vector<Row>& rows) const {
    if (!removed_.empty()) std::erase_if(rows, [this](const Row& row) { return removed_.contains(row.id); });
  }
  /// Forgets all removals, because everything will be read again.
  void clear() { removed_.clear(); }

 private:
  void forget_unwatched() {
    if (!poll_ && !sweep_) removed_.clear();
  }

  std::unordered_set<std::int64_t> removed_;
  bool poll_ = false;
  bool sweep_ = false;
};

}  // namespace prompted::mqreader
