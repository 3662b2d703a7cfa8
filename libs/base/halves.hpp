#pragma once
// Finds the bad items of a batch that is only accepted or refused as a whole: halves of halves, until each stands
// alone.
#include <cstddef>
#include <optional>
#include <vector>

namespace prompted::base {

/// A plain decision about the items 0 … count-1. The next range is tried; then accepted() or refused() says how it
/// went.
class Halves {
 public:
  struct Range {
    std::size_t first = 0;
    std::size_t last = 0;  ///< behind the end
    std::size_t size() const { return last - first; }
  };

  explicit Halves(std::size_t count) {
    if (count > 0) waiting_.push_back({0, count});
  }

  bool done() const { return waiting_.empty(); }
  /// Not empty; only unless done(). In the items' order, but for those that were added.
  Range next() const { return waiting_.back(); }

  /// Takes the next range out, and returns it.
  Range accepted() {
    const Range range = next();
    waiting_.pop_back();
    return range;
  }
  /// Halves the next range. One item cannot be halved: it is taken out and returned.
  std::optional<std::size_t> refused() {
    const Range range = accepted();
    if (range.size() == 1) return range.first;
    const std::size_t middle = range.first + range.size() / 2;
    waiting_.push_back({middle, range.last});
    waiting_.push_back({range.first, middle});
    return std::nullopt;
  }
  /// An item that was taken out is to be tried again, together with the one before it when that was added just now.
  void add(std::size_t item) {
    if (!waiting_.empty() && waiting_.back().last == item) ++waiting_.back().last;
    else waiting_.push_back({item, item + 1});
  }

 private:
  std::vector<Range> waiting_;  ///< the next at the back
};

}  // namespace prompted::base
