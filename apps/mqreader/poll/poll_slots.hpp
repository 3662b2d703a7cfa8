#pragma once
// Limits how many topics may poll at once. A running poll's page is not yet counted against its topic's limit, so
// memory may exceed the budget by at most one page per slot.
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <deque>
#include <memory>
#include <utility>

#include "base/owner.hpp"
#include "base/signal.hpp"

namespace prompted::mqreader {

/// Owner: the daemon's thread.
class PollSlots {
 public:
  PollSlots(boost::asio::io_context& owner, std::size_t count) : owner_(owner), free_(count) {}

  /// First come, first served: a topic that polls again at once goes to the end of the line.
  boost::asio::awaitable<void> take() {
    owner_thread_.check();
    if (free_ > 0) {
      --free_;
      co_return;
    }
    const auto turn = std::make_shared<Turn>(owner_);
    line_.push_back(turn);
    while (!turn->come) co_await turn->changed.wait();
  }
  void give() {
    owner_thread_.check();
    if (line_.empty()) {
      ++free_;
      return;
    }
    const auto next = std::move(line_.front());
    line_.pop_front();
    next->come = true;
    next->changed.notify();
  }

 private:
  struct Turn {
    explicit Turn(boost::asio::io_context& owner) : changed(owner) {}
    base::Signal changed;
    bool come = false;
  };

  [[no_unique_address]] base::OwnerThread owner_thread_;
  boost::asio::io_context& owner_;
  std::size_t free_;
  std::deque<std::shared_ptr<Turn>> line_;
};

}  // namespace prompted::mqreader
