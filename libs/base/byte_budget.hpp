#pragma once
// A memory budget shared by several holders. Each reserves its share before it uses the memory, and releases it
// afterwards.
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

/// One holder's share, released on destruction. The budget must outlive it.
class ByteShare {
 public:
  explicit ByteShare(ByteBudget& budget) : budget_(budget) {}
  ~ByteShare() { give_back(); }
  ByteShare(const ByteShare&) = delete;
  ByteShare& operator=(const ByteShare&) = delete;

  /// Grows this share to `total` bytes. False, with nothing reserved, if the budget has no room.
  bool grow_to(std::size_t total) {
    budget_.thread.check();
    if (total <= taken_) return true;
    const std::size_t more = total - taken_;
    if (budget_.taken >= budget_.limit || more > budget_.limit - budget_.taken) return false;
    take(more);
    return true;
  }
  /// Like grow_to(), but a share that is the only one may exceed the limit.
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
