#include "mqreader/poll/poll_slots.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <vector>

#include "base/spawn.hpp"

namespace prompted::mqreader {
namespace {

namespace asio = boost::asio;

/// Polls again and again, as a topic with a backlog does.
asio::awaitable<void> poll(asio::io_context& owner, PollSlots& slots, int name, std::vector<int>& order) {
  for (int i = 0; i < 10; ++i) {
    co_await slots.take();
    order.push_back(name);
    co_await asio::post(owner, asio::use_awaitable);
    slots.give();
  }
}

TEST(PollSlots, BusyTopicsTakeTurnsWithTheOthers) {
  asio::io_context owner(1);
  PollSlots slots(owner, 2);
  std::vector<int> order;
  for (int name = 0; name < 5; ++name) base::spawn(owner, "poll", poll(owner, slots, name, order));
  owner.run();
  ASSERT_EQ(order.size(), 50u);
  std::vector<int> polls(5, 0);
  for (const int name : order) {
    ++polls[static_cast<std::size_t>(name)];
    const auto [fewest, most] = std::minmax_element(polls.begin(), polls.end());
    EXPECT_LE(*most - *fewest, 2);
  }
}

}  // namespace
}  // namespace prompted::mqreader
