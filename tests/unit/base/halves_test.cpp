#include "base/halves.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace prompted::base {
namespace {

using Items = std::vector<std::size_t>;

/// Tries ranges until all is said; those with a bad item are refused.
Items bad_of(Halves& halves, const std::set<std::size_t>& bad, Items& good, int& tries) {
  Items found;
  for (; !halves.done(); ++tries) {
    const auto range = halves.next();
    const auto first = bad.lower_bound(range.first);
    if (first != bad.end() && *first < range.last) {
      if (const auto item = halves.refused()) found.push_back(*item);
    } else {
      halves.accepted();
      for (auto item = range.first; item < range.last; ++item) good.push_back(item);
    }
  }
  return found;
}

TEST(Halves, EachBadItemIsFoundAndTheOthersPassInOrder) {
  for (const std::set<std::size_t>& bad : std::vector<std::set<std::size_t>>{{}, {0}, {9}, {3, 4}, {0, 5, 9}}) {
    Halves halves(10);
    Items good;
    int tries = 0;
    const Items found = bad_of(halves, bad, good, tries);
    EXPECT_EQ(found, Items(bad.begin(), bad.end()));
    EXPECT_EQ(good.size(), 10 - bad.size());
    EXPECT_TRUE(std::is_sorted(good.begin(), good.end()));
  }
}

TEST(Halves, AGoodBatchNeedsOneTryAndAnEmptyOneNone) {
  Halves halves(2000);
  Items good;
  int tries = 0;
  EXPECT_TRUE(bad_of(halves, {}, good, tries).empty());
  EXPECT_EQ(tries, 1);
  EXPECT_TRUE(Halves(0).done());
}

TEST(Halves, ItemsThatAreAddedAgainStandTogether) {
  Halves halves(1);
  EXPECT_EQ(halves.refused(), 0u);
  for (const std::size_t item : {2, 3, 4, 7}) halves.add(item);
  EXPECT_EQ(halves.accepted().size(), 1u);
  EXPECT_EQ(halves.next().first, 2u);
  EXPECT_EQ(halves.accepted().last, 5u);
  EXPECT_TRUE(halves.done());
}

}  // namespace
}  // namespace prompted::base
