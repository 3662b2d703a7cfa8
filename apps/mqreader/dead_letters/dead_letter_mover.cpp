#include "mqreader/dead_letters/dead_letter_mover.hpp"

#include "base/backoff.hpp"
#include "base/error.hpp"
#include "base/log.hpp"

namespace prompted::mqreader {

namespace asio = boost::asio;
using base::Clock;

namespace {

constexpr std::size_t messages_at_once = 500;
constexpr std::size_t bytes_at_once = 4 * 1024 * 1024;  // of payloads and reasons, plus one message
constexpr auto statement_limit = std::chrono::seconds(10);

/// One statement's worth: PostgreSQL holds all its rows, and a long transaction keeps dead rows from being vacuumed.
std::vector<DeadMessage> next_batch(const std::vector<DeadMessage>& messages, std::size_t first) {
  std::vector<DeadMessage> batch;
  std::size_t bytes = 0;
  for (auto at = first; at < messages.size() && batch.size() < messages_at_once && bytes < bytes_at_once; ++at) {
    bytes += messages[at].payload_bytes + messages[at].reason->size();
    batch.push_back(messages[at]);
  }
  return batch;
}

}  // namespace

DeadLetterMover::DeadLetterMover(asio::io_context& owner, std::string topic, DeadLetterStore& store,
                                 OwnershipLease& ownership_lease, Incarnation& incarnation, base::Outage& outage,
                                 Completed completed)
    : owner_(owner),
      topic_(std::move(topic)),
      store_(store),
      ownership_lease_(ownership_lease),
      incarnation_(incarnation),
      outage_(outage),
      completed_(std::move(completed)),
      moves_(owner) {}

asio::awaitable<bool> DeadLetterMover::move_by(std::vector<DeadMessage> messages, ServerId server,
                                               base::TimePoint deadline) {
  owner_thread_.check();
  const base::Pending<bool> result(owner_);
  moves_.spawn("move to dead_letters", move_and_tell(std::move(messages), std::move(server), result));
  const bool in_time = co_await result.wait_until(deadline);
  if (!in_time) throw base::Error(base::ErrorKind::expired, "the move to dead_letters is not committed yet");
  co_return result.result();
}

asio::awaitable<void> DeadLetterMover::move_and_tell(std::vector<DeadMessage> messages, ServerId server,
                                                     base::Pending<bool> result) {
  const bool moved = co_await move(std::move(messages), std::move(server));
  result.complete(moved);
}

asio::awaitable<bool> DeadLetterMover::move(std::vector<DeadMessage> messages, ServerId server) {
  owner_thread_.check();
  std::size_t moved = 0;
  while (moved < messages.size()) {
    auto batch = next_batch(messages, moved);
    const std::size_t count = batch.size();
    const bool same_server = co_await move_batch(std::move(batch), server);
    if (!same_server) break;
    moved += count;
  }
  if (moved > 0)
    log::warn("messages moved to dead_letters", {{"topic", topic_},
                                                 {"messages", moved},
                                                 {"first_msg_uuid", base::to_string(messages.front().key.uuid)},
                                                 {"reason", *messages.front().reason}});
  co_return moved == messages.size();
}

asio::awaitable<bool> DeadLetterMover::move_batch(std::vector<DeadMessage> batch, ServerId server) {
  base::Backoff backoff(std::chrono::milliseconds(20), std::chrono::milliseconds(1000));
  Result result = Result::failed;
  while (result == Result::failed) {
    result = co_await try_move(batch, server);
    if (result == Result::failed) co_await base::sleep_for(backoff.next());
  }
  if (result == Result::other_server) incarnation_.is_gone(server);
  completed_(batch, result == Result::moved);
  co_return result == Result::moved;
}

asio::awaitable<DeadLetterMover::Result> DeadLetterMover::try_move(std::vector<DeadMessage> batch, ServerId server) {
  co_await ownership_lease_.wait();
  try {
    const bool same_server = co_await store_.add(std::move(batch), std::move(server), Clock::now() + statement_limit);
    co_return same_server ? Result::moved : Result::other_server;
  } catch (const std::exception& error) {
    outage_.failed({{"topic", topic_}, {"what", "dead letters"}, {"error", error.what()}});
  }
  co_return Result::failed;
}

}  // namespace prompted::mqreader
