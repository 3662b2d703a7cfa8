#pragma once
// Redrive and purge: page by page, so that no statement is long and the connections stay free for polls and acks.
#include <boost/asio/awaitable.hpp>
#include <string>
#include <vector>

#include "base/owner.hpp"
#include "mqreader/dead_letters/dead_letter_store.hpp"

namespace prompted::mqreader {

struct DeadLetterCounts {
  std::uint64_t redriven = 0;
  std::uint64_t purged = 0;
};

/// Owner: the daemon's thread.
class DeadLetters {
 public:
  explicit DeadLetters(DeadLetterStore& store) : store_(store) {}

  /// Returns how many were redriven or purged. If it throws, the pages already done stay done, and a retry does the
  /// rest. "All" means those that had died when the request began, so a poison that dies again does not loop. Rows
  /// locked by another transaction are skipped.
  boost::asio::awaitable<std::size_t> move(DeadLetterAction action, models::DeadLetterSelection selection);

  const DeadLetterCounts& counts() const { return counts_; }

 private:
  boost::asio::awaitable<std::size_t> move_all(DeadLetterAction action, std::optional<std::string> topic);
  boost::asio::awaitable<std::size_t> move_named(DeadLetterAction action, std::optional<std::string> topic,
                                                 std::vector<base::Uuid> uuids);
  boost::asio::awaitable<void> moved(DeadLetterAction action, std::size_t number);

  [[no_unique_address]] base::OwnerThread owner_thread_;
  DeadLetterStore& store_;
  DeadLetterCounts counts_;
};

}  // namespace prompted::mqreader
