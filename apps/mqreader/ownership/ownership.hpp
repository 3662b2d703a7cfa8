#pragma once
// Renews this reader's registration, and claims or releases partitions so that live readers share them evenly
// (docs/queue.md).
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/outage.hpp"
#include "base/owner.hpp"
#include "base/spawn.hpp"
#include "mqreader/ownership/ownership_lease.hpp"
#include "mqreader/ownership/ownership_store.hpp"
#include "mqreader/ownership/reader_probe.hpp"

namespace prompted::mqreader {

struct OwnershipOptions {
  int first_partition = 0;
  int last_partition = 255;
  int partition_count = 256;
  std::string advertise_url;
  std::string listen_address{"::"};
  std::chrono::milliseconds ttl{10000};
};

struct OwnershipCounts {
  std::uint64_t heartbeats = 0;
  std::uint64_t heartbeat_failures = 0;
  std::uint64_t claimed = 0;
  std::uint64_t given = 0;
  std::uint64_t lost_all = 0;  ///< times this reader lost all its partitions
};

/// Owner: the daemon's thread.
class Ownership {
 public:
  using Serve = std::function<void(const std::vector<int>&)>;

  /// `serve` is called whenever the set of owned partitions changes. When it returns, no other partition is served.
  Ownership(boost::asio::io_context& owner, OwnershipStore& store, ReaderProbe& probe, OwnershipLease& ownership_lease,
            OwnershipOptions options, Serve serve);

  /// `port`: where this reader listens.
  void start(std::uint16_t port);
  /// Releases all partitions at once and ends the loop.
  void leave();
  boost::asio::awaitable<void> left(base::TimePoint deadline) { co_await tasks_.finished(deadline); }

  /// Returns the address of the live reader whose id prefix the lease id carries; nullopt if that is this reader or
  /// none.
  std::optional<std::string> other_reader(const base::Uuid& lease_id) const;
  const OwnershipCounts& counts() const { return counts_; }
  std::size_t orphaned() const { return plan_.orphaned(); }
  std::size_t live_readers() const { return readers_.size(); }
  /// Returns why nothing is served, for /readyz. "" while partitions are owned, or others own them all (a spare is
  /// ready).
  std::string trouble() const;

 private:
  boost::asio::awaitable<void> loop();
  boost::asio::awaitable<void> tick();
  boost::asio::awaitable<void> enter();
  boost::asio::awaitable<void> heartbeat();
  boost::asio::awaitable<std::vector<base::Uuid>> dead_predecessors();
  boost::asio::awaitable<void> rebalance(OwnershipView view);
  boost::asio::awaitable<void> reap_silent();
  boost::asio::awaitable<void> leave_now();
  void serve(std::vector<int> owned);
  void lose_all(const char* why);
  base::TimePoint job_deadline() const;

  /// When a reader's row last changed, by this machine's clock.
  struct Heard {
    std::string expires;
    base::BootClock::time_point at;
  };

  [[no_unique_address]] base::OwnerThread owner_thread_;
  OwnershipStore& store_;
  ReaderProbe& probe_;
  OwnershipLease& ownership_lease_;
  OwnershipOptions options_;
  Serve serve_;
  SharePlan plan_;
  Registration me_;
  base::Signal ending_;
  base::TaskGroup tasks_;
  std::vector<int> owned_;
  std::vector<LiveReader> readers_;
  std::map<base::Uuid, Heard> heard_;
  std::size_t free_ = 0;  ///< unowned partitions of this reader's range
  OwnershipCounts counts_;
  bool entered_ = false;
  bool leaving_ = false;
  base::Outage outage_{"ownership renewal"};
};

}  // namespace prompted::mqreader
