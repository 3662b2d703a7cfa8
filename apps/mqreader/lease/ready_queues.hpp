#pragma once
// The messages of each partition that may be leased, in order, and which partition is next. Plain.
#include <boost/container/deque.hpp>
#include <cstdint>
#include <deque>
#include <utility>
#include <vector>

namespace prompted::mqreader {

/// Holds ids only, and may include ids that are no longer ready: the caller detects these.
class ReadyQueues {
 public:
  explicit ReadyQueues(int partition_count) : queues_(static_cast<std::size_t>(partition_count)) {}

  void set_owned(const std::vector<int>& partitions) {
    for (auto& queue : queues_) queue.owned = false;
    for (int partition : partitions) queues_.at(static_cast<std::size_t>(partition)).owned = true;
  }
  /// Also false for a partition that does not exist.
  bool owns(int partition) const {
    return partition >= 0 && partition < static_cast<int>(queues_.size()) &&
           queues_[static_cast<std::size_t>(partition)].owned;
  }

  void push(int partition, std::int64_t id, bool front) {
    auto& queue = queues_[static_cast<std::size_t>(partition)];
    if (front) queue.ids.push_front(id);
    else queue.ids.push_back(id);
    if (!std::exchange(queue.listed, true)) turn_.push_back(partition);
  }

  /// Returns the next message, taking partitions in turn, or nullptr if none is left. `ready(id)` returns the message,
  /// or nullptr if it is not ready.
  template <class Ready>
  auto pop(const Ready& ready) -> decltype(ready(std::int64_t{})) {
    while (!turn_.empty()) {
      const int partition = turn_.front();
      turn_.pop_front();
      auto& queue = queues_[static_cast<std::size_t>(partition)];
      while (!queue.ids.empty()) {
        auto* message = ready(queue.ids.front());
        queue.ids.pop_front();
        if (message == nullptr) continue;
        if (queue.ids.empty()) queue.listed = false;
        else turn_.push_back(partition);
        return message;
      }
      queue.listed = false;
    }
    return nullptr;
  }

  void clear() {
    for (auto& queue : queues_) {
      queue.ids.clear();
      queue.listed = false;
    }
    turn_.clear();
  }

 private:
  struct Queue {
    boost::container::deque<std::int64_t> ids;  ///< std::deque takes 600 bytes when it is empty
    bool listed = false;                        ///< in turn_
    bool owned = false;
  };

  std::vector<Queue> queues_;  ///< by partition
  std::deque<int> turn_;       ///< partitions with ids, next one first
};

}  // namespace prompted::mqreader
