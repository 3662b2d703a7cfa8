#pragma once
// A bounded queue between two coroutines of ONE owner thread. It offers only what is safe with Asio 1.81
// (docs/toolchain.md): no try_send, no timeouts, no cancellation. A stream of work ends with finish(), which the
// receiver sees after everything that was sent before it.
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

  /// Waits for room. False when the receiver has gone (close()): the item was not taken.
  boost::asio::awaitable<bool> send(T item) {
    while (queue_.size() >= capacity_ && !closed_) co_await room_.wait();
    if (closed_) co_return false;
    queue_.push_back(std::move(item));
    items_.notify();
    co_return true;
  }
  /// The next item, or nullopt after finish() and everything sent before it.
  boost::asio::awaitable<std::optional<T>> receive() {
    while (queue_.empty() && !finished_) co_await items_.wait();
    if (queue_.empty()) co_return std::nullopt;
    std::optional<T> item(std::move(queue_.front()));
    queue_.pop_front();
    room_.notify();
    co_return item;
  }
  /// The sender's last word.
  void finish() {
    finished_ = true;
    items_.notify();
  }
  /// The receiver's: it takes nothing more.
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
