#pragma once
// Memory that several share: each takes its part of a budget before it uses the memory, and gives it back.
#include <cstddef>
#include <utility>

#include "base/owner.hpp"

namespace prompted::base {

/// Owner: one thread.
struct ByteBudget {
  std::size_t limit = 0;
  std::size_t taken = 0;
  [[no_unique_address]] OwnerThread thread = {};
};

/// One taker's part, given back when it is destroyed. The budget must outlive it.
class ByteShare {
 public:
  explicit ByteShare(ByteBudget& budget) : budget_(budget) {}
  ~ByteShare() { give_back(); }
  ByteShare(const ByteShare&) = delete;
  ByteShare& operator=(const ByteShare&) = delete;

  /// False when the budget has no room for `total` bytes of this share; nothing more is taken then.
  bool grow_to(std::size_t total) {
    budget_.thread.check();
    if (total <= taken_) return true;
    const std::size_t more = total - taken_;
    if (budget_.taken >= budget_.limit || more > budget_.limit - budget_.taken) return false;
    take(more);
    return true;
  }
  /// The same, but one that finds the budget untouched takes what it needs.
  bool grow_to_or_alone(std::size_t total) {
    if (grow_to(total)) return true;
    if (budget_.taken > taken_) return false;
    take(total - taken_);
    return true;
  }
  void give_back() {
    budget_.thread.check();
    budget_.taken -= std::exchange(taken_, 0);
  }
  std::size_t taken() const { return taken_; }

 private:
  void take(std::size_t more) {
    budget_.taken += more;
    taken_ += more;
  }

  ByteBudget& budget_;
  std::size_t taken_ = 0;
};

}  // namespace prompted::base
