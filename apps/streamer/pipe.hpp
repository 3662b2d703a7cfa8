#pragma once
// The queue from the reader to the publisher: a pass begins, its pieces follow in the file's order, the pass ends.
// Bounded in pieces and bytes.
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <variant>

#include "base/channel.hpp"
#include "base/owner.hpp"
#include "base/signal.hpp"
#include "streamer/csv_source.hpp"

namespace prompted::streamer {

struct PassBegin {
  FileState state;
};
struct PassEnd {};
using PassItem = std::variant<PassBegin, Piece, PassEnd>;

/// Owner: the thread of `owner`; the reader is the one sender, the publisher the one receiver.
class Pipe {
 public:
  static constexpr std::size_t most_bytes = 16 * 1024 * 1024;

  Pipe(boost::asio::io_context& owner, std::size_t capacity) : items_(owner, capacity), changed_(owner) {}

  /// Waits for room. Returns false if the publisher has ended.
  boost::asio::awaitable<bool> send(PassItem item) {
    owner_thread_.check();
    while (bytes_ >= most_bytes && !closed_) co_await changed_.wait();
    bytes_ += bytes_of(item);
    const bool taken = co_await items_.send(std::move(item));
    co_return taken;
  }
  /// nullopt: the reader has finished.
  boost::asio::awaitable<std::optional<PassItem>> receive() {
    owner_thread_.check();
    std::optional<PassItem> item = co_await items_.receive();
    if (item) bytes_ -= bytes_of(*item);
    changed_.notify();
    co_return item;
  }
  void finish() {
    owner_thread_.check();
    items_.finish();
  }
  void close() {
    owner_thread_.check();
    closed_ = true;
    items_.close();
    changed_.notify();
  }

  /// Called by the publisher when a pass is settled, including the write-back. Only then is the file opened again.
  void pass_settled(std::uint64_t rows_sent) {
    owner_thread_.check();
    ++settled_;
    rows_sent_ = rows_sent;
    changed_.notify();
  }
  /// Waits until that many passes are settled. Returns how many rows the last one sent; nullopt if the publisher has
  /// ended.
  boost::asio::awaitable<std::optional<std::uint64_t>> settled(std::uint64_t passes) {
    owner_thread_.check();
    while (settled_ < passes && !closed_) co_await changed_.wait();
    if (settled_ < passes) co_return std::nullopt;
    co_return rows_sent_;
  }

  std::size_t depth() const { return items_.size(); }

 private:
  static std::size_t bytes_of(const PassItem& item) {
    const auto* piece = std::get_if<Piece>(&item);
    return piece ? piece->raw.size() + piece->json_tail.size() : 0;
  }

  base::Channel<PassItem> items_;
  base::Signal changed_;
  std::size_t bytes_ = 0;
  std::uint64_t settled_ = 0;
  std::uint64_t rows_sent_ = 0;
  bool closed_ = false;
  [[no_unique_address]] base::OwnerThread owner_thread_;
};

}  // namespace prompted::streamer
