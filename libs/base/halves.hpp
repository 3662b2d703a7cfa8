#pragma once
// Finds the bad items of a batch that is accepted or rejected only as a whole, by halving it until each bad item stands
// alone.
#include <cstddef>
#include <optional>
#include <vector>

namespace prompted::base {

/// Plain bisection of the items 0 … count-1. The caller tries next(), then reports accepted() or refused().
class Halves {
 public:
  struct Range {
    std::size_t first = 0;
    std::size_t last = 0;  ///< exclusive
    std::size_t size() const { return last - first; }
  };

  explicit Halves(std::size_t count) {
    if (count > 0) waiting_.push_back({0, count});
  }

  bool done() const { return waiting_.empty(); }
  /// The range to try, never empty. Ranges come in item order, except for added items. Not to be called once done().
  Range next() const { return waiting_.back(); }

  /// Removes the next range and returns it.
  Range accepted() {
    const Range range = next();
    waiting_.pop_back();
    return range;
  }
  /// Halves the next range. A single item is removed and returned instead.
  std::optional<std::size_t> refused() {
    const Range range = accepted();
    if (range.size() == 1) return range.first;
    const std::size_t middle = range.first + range.size() / 2;
    waiting_.push_back({middle, range.last});
    waiting_.push_back({range.first, middle});
    return std::nullopt;
  }
  /// Queues a removed item for another try, in one range with the item before it if that was added just now.
  void add(std::size_t item) {
    if (!waiting_.empty() && waiting_.back().last == item) ++waiting_.back().last;
    else waiting_.push_back({item, item + 1});
  }

 private:
  std::vector<Range> waiting_;  ///< the next one is last
};

}  // namespace prompted::base
