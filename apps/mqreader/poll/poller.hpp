#pragma once
// One topic's poll: reads pages of new rows and hands them to a RowSink (docs/queue.md).
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "base/outage.hpp"
#include "base/owner.hpp"
#include "base/signal.hpp"
#include "mqreader/poll/incarnation.hpp"
#include "mqreader/poll/poll_plan.hpp"
#include "mqreader/poll/poll_slots.hpp"
#include "mqreader/poll/poll_store.hpp"
#include "mqreader/poll/removal_watch.hpp"
#include "mqreader/poll/row_sink.hpp"
#include "service/metrics.hpp"

namespace prompted::mqreader {

struct PollOptions {
  int batch = 1000;  ///< rows of one page
  std::chrono::milliseconds interval{500};
};

struct PollCounts {
  std::uint64_t polls = 0;
  std::uint64_t poll_failures = 0;
  std::uint64_t rows = 0;          ///< new ones
  std::uint64_t restarts = 0;      ///< everything read again after a crash of the server
  std::uint64_t foreign_rows = 0;  ///< came from another cluster's xids
  service::Histogram poll_seconds;
};

/// Owner: the daemon's thread. Incarnation and PollSlots are shared by all topics.
class Poller {
 public:
  Poller(boost::asio::io_context& owner, std::string topic, PollOptions options, PollStore& store,
         Incarnation& incarnation, PollSlots& slots, RowSink& sink, base::Outage& outage);

  /// Polls until stop().
  boost::asio::awaitable<void> loop();
  void stop();

  void set_partitions(const std::vector<int>& owned);
  /// Polls now, because there may be new rows; or once more after a running poll, whose snapshot may be older.
  void wake();
  /// Ends the pause between two polls, because memory was freed.
  void room_freed();
  /// Records that a message's row has left the table.
  void row_removed(std::int64_t id);

  /// The server that the rows in memory came from. Statements that follow from them carry it.
  const ServerId& server() const { return server_; }
  const PollCounts& counts() const { return counts_; }
  std::size_t partitions_behind() const { return plan_.behind(); }

  // --- for the sweep ---
  std::vector<PollPlan::Seen> seen() const;
  /// Changes whenever rows are dropped from memory: their absence then proves nothing.
  std::uint64_t epoch() const { return epoch_; }
  RemovalWatch& removals() { return removals_; }
  /// Gives rows that were restored from another cluster xids of this one.
  boost::asio::awaitable<void> adopt_foreign_rows();

 private:
  boost::asio::awaitable<bool> pass();
  boost::asio::awaitable<bool> trusted(const PollResult& result);
  void begin_again();
  bool hand_over(const PollRequest& request, PollResult result);

  [[no_unique_address]] base::OwnerThread owner_thread_;
  std::string topic_;
  PollOptions options_;
  PollStore& store_;
  Incarnation& incarnation_;
  PollSlots& slots_;
  RowSink& sink_;
  base::Outage& outage_;
  PollPlan plan_;
  RemovalWatch removals_;
  PollCounts counts_;
  base::Signal wake_;  ///< ends the pause between two polls
  base::Signal ending_;
  std::vector<int> owned_;
  ServerId server_;
  std::uint64_t generation_;  ///< of the incarnation that memory came from
  std::uint64_t epoch_ = 0;
  bool foreign_checked_ = false;
  bool hinted_ = false;  ///< since the last pass began
  bool stopping_ = false;
};

}  // namespace prompted::mqreader
