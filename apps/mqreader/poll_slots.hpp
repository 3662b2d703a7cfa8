#pragma once
// How many topics may poll at once. Each poll brings a page that its topic's limit knew nothing of while it ran, so what is in
// memory may exceed the budget by a page for each slot, and no more.
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <cstddef>

#include "base/signal.hpp"

namespace prompted::mqreader {

/// Owner: the daemon's thread.
class PollSlots {
 public:
  PollSlots(boost::asio::io_context& owner, std::size_t count) : free_(count), freed_(owner) {}

  boost::asio::awaitable<void> take() {
    while (free_ == 0) co_await freed_.wait();
    --free_;
  }
  void give() {
    ++free_;
    freed_.notify();
  }

 private:
  std::size_t free_;
  base::Signal freed_;
};

}  // namespace prompted::mqreader
