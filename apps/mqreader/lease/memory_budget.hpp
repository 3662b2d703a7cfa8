#pragma once
// How much of the reader's memory each topic may fill. Half of it is guaranteed to the topics in equal shares. The
// other half is divided evenly among the topics that want more than their share. So a backlog of one topic does not
// starve another, and all together do not exceed the budget. The budget asks each topic what it holds.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/owner.hpp"

namespace prompted::mqreader {

struct Memory {
  std::int64_t messages = 0;
  std::int64_t bytes = 0;
};

/// A topic whose messages count against the budget.
class MemoryHolder {
 public:
  virtual ~MemoryHolder() = default;
  virtual Memory held() const = 0;
  /// Called when the holder wanted more (MemoryShare::want) and there may be room now.
  virtual void room_freed() = 0;
};

class MemoryShare;

/// Owner: the daemon's thread.
class MemoryBudget {
 public:
  /// Each of `most_topics` is guaranteed its part of one half.
  MemoryBudget(Memory total, std::size_t most_topics);

  const Memory& total() const { return total_; }
  const Memory& guaranteed() const { return guaranteed_; }
  /// Memory used by all topics.
  Memory used() const;
  /// Whether a topic has more in the table than it may hold.
  bool lacks_room() const;

 private:
  friend class MemoryShare;

  [[no_unique_address]] base::OwnerThread owner_thread_;
  Memory total_;
  Memory guaranteed_;
  Memory common_;  ///< the other half
  std::vector<MemoryShare*> shares_;
};

/// One topic's part, from its construction on.
class MemoryShare {
 public:
  MemoryShare(std::shared_ptr<MemoryBudget> budget, MemoryHolder& holder);
  ~MemoryShare();
  MemoryShare(const MemoryShare&) = delete;
  MemoryShare& operator=(const MemoryShare&) = delete;

  /// How much the topic may hold now; may be less than it holds.
  Memory limit() const;
  /// Declares whether the table has more than the limit allows. If so, room_freed() is called after a freed() of any
  /// topic that makes room.
  void want(bool more) { wants_ = more; }
  /// Reports that the topic holds less than before.
  void freed() const;

 private:
  Memory above_guarantee() const;
  bool has_room() const;

  std::shared_ptr<MemoryBudget> budget_;
  MemoryHolder& holder_;
  bool wants_ = false;

  friend class MemoryBudget;
};

}  // namespace prompted::mqreader
