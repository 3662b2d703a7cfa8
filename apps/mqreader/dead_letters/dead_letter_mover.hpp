#pragma once
// Moves dead messages from the queue to dead_letters. The consumer's verdict is final, so a move is retried until it
// succeeds.
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <string>
#include <vector>

#include "base/outage.hpp"
#include "base/owner.hpp"
#include "base/pending.hpp"
#include "base/spawn.hpp"
#include "mqreader/dead_letters/dead_letter_store.hpp"
#include "mqreader/ownership/ownership_lease.hpp"
#include "mqreader/poll/incarnation.hpp"

namespace prompted::mqreader {

/// Owner: the daemon's thread.
class DeadLetterMover {
 public:
  /// Called after each statement. `moved` is false when the server has changed: the messages will be read again.
  using Completed = std::function<void(const std::vector<DeadMessage>& messages, bool moved)>;

  DeadLetterMover(boost::asio::io_context& owner, std::string topic, DeadLetterStore& store,
                  OwnershipLease& ownership_lease, Incarnation& incarnation, base::Outage& outage, Completed completed);

  /// Returns true once all messages are in dead_letters. Returns false if `server`, which they were read from, is no
  /// longer the current one: messages not moved yet will be read again.
  boost::asio::awaitable<bool> move(std::vector<DeadMessage> messages, ServerId server);
  /// Like move(), but throws base::Error(expired) at the deadline; the move continues.
  boost::asio::awaitable<bool> move_by(std::vector<DeadMessage> messages, ServerId server, base::TimePoint deadline);
  /// Waits for moves that outlived their callers.
  boost::asio::awaitable<void> finished(base::TimePoint deadline) { co_await moves_.finished(deadline); }

 private:
  enum class Result { moved, other_server, failed };

  boost::asio::awaitable<void> move_and_tell(std::vector<DeadMessage> messages, ServerId server,
                                             base::Pending<bool> result);
  boost::asio::awaitable<bool> move_batch(std::vector<DeadMessage> batch, ServerId server);
  boost::asio::awaitable<Result> try_move(std::vector<DeadMessage> batch, ServerId server);

  [[no_unique_address]] base::OwnerThread owner_thread_;
  boost::asio::io_context& owner_;
  std::string topic_;
  DeadLetterStore& store_;
  OwnershipLease& ownership_lease_;
  Incarnation& incarnation_;
  base::Outage& outage_;
  Completed completed_;
  base::TaskGroup moves_;
};

}  // namespace prompted::mqreader
