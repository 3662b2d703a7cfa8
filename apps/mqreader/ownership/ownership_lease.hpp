#pragma once
// Until when this process may act as the owner of its partitions (docs/queue.md). A process that was stopped past its
// TTL (SIGSTOP, a suspended machine) must neither lease nor write before it has renewed, so every use reads the clock.
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include "base/boot_clock.hpp"
#include "base/owner.hpp"
#include "base/signal.hpp"
#include "base/uuid.hpp"

namespace prompted::mqreader {

/// Owner: the daemon's thread.
class OwnershipLease {
 public:
  explicit OwnershipLease(boost::asio::io_context& owner) : extended_(owner) {}

  bool holds() const {
    owner_thread_.check();
    return base::BootClock::now() < until_;
  }
  void extend(base::BootClock::time_point until) {
    owner_thread_.check();
    until_ = until;
    extended_.notify();
  }
  /// Returns when it holds.
  boost::asio::awaitable<void> wait() {
    while (!holds()) co_await extended_.wait();
  }

  /// This reader's id; a new one after everything was lost.
  const base::Uuid& reader() const { return reader_; }
  void set_reader(const base::Uuid& id) { reader_ = id; }

 private:
  [[no_unique_address]] base::OwnerThread owner_thread_;
  base::Signal extended_;
  base::BootClock::time_point until_{};
  base::Uuid reader_ = base::random_uuid();
};

}  // namespace prompted::mqreader
