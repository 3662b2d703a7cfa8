#pragma once
// A bounded queue between two coroutines of ONE owner thread. It offers only what is safe with Asio 1.81
// (docs/toolchain.md): no try_send, no timeouts, no cancellation. The sender ends the stream with finish(); the
// receiver sees the end after every item sent before it.
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <deque>
#include <memory>
#include <optional>

#include "base/signal.hpp"

namespace prompted::base {

template <class T>
class Channel {
 public:
  Channel(boost::asio::io_context& owner, std::size_t capacity) : room_(owner), items_(owner), capacity_(capacity) {}

  /// Waits for room and sends. False, without sending, if the receiver has called close().
  boost::asio::awaitable<bool> send(T item) {
    while (queue_.size() >= capacity_ && !closed_) co_await room_.wait();
    if (closed_) co_return false;
    queue_.push_back(std::move(item));
    items_.notify();
    co_return true;
  }
  /// The next item; nullopt after finish(), once every item is received.
  boost::asio::awaitable<std::optional<T>> receive() {
    while (queue_.empty() && !finished_) co_await items_.wait();
    if (queue_.empty()) co_return std::nullopt;
    std::optional<T> item(std::move(queue_.front()));
    queue_.pop_front();
    room_.notify();
    co_return item;
  }
  /// Called by the sender: no more items follow.
  void finish() {
    finished_ = true;
    items_.notify();
  }
  /// Called by the receiver: it receives no more items.
  void close() {
    closed_ = true;
    room_.notify();
  }
  std::size_t size() const { return queue_.size(); }

 private:
  Signal room_;
  Signal items_;
  std::deque<T> queue_;
  std::size_t capacity_;
  bool finished_ = false;
  bool closed_ = false;
};

}  // namespace prompted::base
