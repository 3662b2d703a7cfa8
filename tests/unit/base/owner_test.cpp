#include "base/owner.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace prompted::base {
namespace {

class Counter {
 public:
  void add() {
    owner_thread_.check();
    ++count_;
  }
  int count() const { return count_; }

 private:
  int count_ = 0;
  [[no_unique_address]] OwnerThread owner_thread_;
};

TEST(OwnerThread, LetsTheThreadInThatMadeIt) {
  int count = 0;
  std::thread([&count] {
    Counter counter;
    counter.add();
    count = counter.count();
  }).join();
  EXPECT_EQ(count, 1);
}

#ifdef NDEBUG
TEST(OwnerThread, TakesNoRoomInAReleaseBuild) { EXPECT_EQ(sizeof(Counter), sizeof(int)); }
#else
TEST(OwnerThreadDeathTest, NamesTheFunctionThatAnotherThreadCalled) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  Counter counter;
  counter.add();
  EXPECT_DEATH(std::thread([&counter] { counter.add(); }).join(), "not the owner's thread: .*Counter::add");
}
#endif

}  // namespace
}  // namespace prompted::base
