#pragma once
// How much of the reader's memory each topic may fill. One topic alone may have half of it and its own share; what a topic
// holds above its share comes out of that half, which topics that want more divide evenly. So a backlog of one topic neither
// starves another nor do all together exceed the budget. A plain decision: what is held is asked for, never reported.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace prompted::mqreader {

struct Memory {
  std::int64_t messages = 0;
  std::int64_t bytes = 0;
};

/// Somebody whose messages count.
class MemoryHolder {
 public:
  virtual ~MemoryHolder() = default;
  virtual Memory held() const = 0;
  /// It wanted more (MemoryShare::want), and there may be room now.
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
  /// By all topics.
  Memory used() const;

 private:
  friend class MemoryShare;

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

  /// What the topic may hold now; may be less than it holds.
  Memory limit() const;
  /// There is more in the table than its limit lets in: room_freed() follows a freed() of any topic that leaves it room.
  void want(bool more) { wants_ = more; }
  /// Its topic holds less than before.
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
