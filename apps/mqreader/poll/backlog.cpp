#include "mqreader/poll/backlog.hpp"

#include <algorithm>

#include "base/log.hpp"

namespace prompted::mqreader {

namespace asio = boost::asio;
using base::Clock;

namespace {
constexpr auto shortest_pause = std::chrono::seconds(10);
constexpr auto time_limit =
    std::chrono::seconds(40);  // longer than the statement's own, because a cut would cost the connection
constexpr int share = 50;      // counting takes at most a fiftieth of a connection's time
}  // namespace

Backlog::Backlog(asio::io_context& owner, PollStore& store, std::function<std::vector<int>()> partitions,
                 int partition_count)
    : store_(store),
      partitions_(std::move(partitions)),
      partition_count_(partition_count),
      ending_(owner),
      loop_(owner) {}

void Backlog::start() {
  owner_thread_.check();
  loop_.spawn("backlog", loop());
}

void Backlog::stop() {
  owner_thread_.check();
  stopping_ = true;
  ending_.notify();
}

asio::awaitable<void> Backlog::loop() {
  while (!stopping_) {
    const auto start = Clock::now();
    auto owned = partitions_();
    try {
      BacklogView view = co_await store_.count_backlog(std::move(owned), partition_count_, start + time_limit);
      view_ = std::move(view);
    } catch (const std::exception& error) {
      log::debug("cannot count the backlog", {{"error", error.what()}});
    }
    const auto took = Clock::now() - start;
    co_await ending_.wait_until(Clock::now() + std::max<base::Duration>(shortest_pause, took * share));
  }
}

}  // namespace prompted::mqreader
