#include "mqreader/lease/ack_committer.hpp"

#include "base/error.hpp"

namespace prompted::mqreader {

namespace asio = boost::asio;
using base::Clock;

AckCommitter::AckCommitter(asio::io_context& owner, LeaseStore& store, OwnershipLease& ownership_lease,
                           Incarnation& incarnation, std::size_t connections)
    : owner_(owner),
      store_(store),
      ownership_lease_(ownership_lease),
      incarnation_(incarnation),
      commits_(owner, queue_,
               {.name = "delete", .most_running = connections, .first_pause = std::chrono::milliseconds(20)},
               [this](AckQueue::Batch& batch, bool) { return flush(batch); }) {}

asio::awaitable<bool> AckCommitter::commit(std::shared_ptr<AckListener> topic, std::vector<MessageKey> keys,
                                           ServerId server, base::TimePoint deadline) {
  owner_thread_.check();
  if (keys.empty()) co_return true;
  const auto ack = std::make_shared<PendingAck>(owner_, std::move(topic), std::move(keys), std::move(server));
  queue_.add(ack);
  commits_.pump();
  const bool in_time = co_await ack->deleted.wait_until(deadline);
  if (!in_time) throw base::Error(base::ErrorKind::expired, "the acknowledgement is not committed yet");
  co_return ack->deleted.result();
}

/// Makes one attempt. Returns true if each ack has its result.
asio::awaitable<bool> AckCommitter::flush(const AckQueue::Batch& batch) {
  std::vector<MessageKey> keys;
  for (const auto& ack : batch) keys.insert(keys.end(), ack->keys.begin(), ack->keys.end());
  const ServerId server = batch.front()->server;
  const Result result = co_await try_delete(std::move(keys), server);
  if (result == Result::failed) co_return false;
  if (result == Result::other_server) incarnation_.is_gone(server);
  for (const auto& ack : batch) ack->complete(result == Result::deleted);
  co_return true;
}

asio::awaitable<AckCommitter::Result> AckCommitter::try_delete(std::vector<MessageKey> keys, ServerId server) {
  const auto start = Clock::now();
  const std::size_t messages = keys.size();
  std::string failure;
  try {
    co_await ownership_lease_.wait();  // after a freeze past the TTL nothing is deleted before the renewal
    ++counts_.deletes;
    const bool deleted = co_await store_.remove(std::move(keys), std::move(server), start + std::chrono::seconds(10));
    counts_.commit_seconds.observe(Clock::now() - start);
    outage_.recovered();
    if (!deleted) co_return Result::other_server;
    counts_.deleted_messages += messages;
    co_return Result::deleted;
  } catch (const pg::StatementError& error) {
    failure = error.what();
  } catch (const base::Error& error) {
    failure = error.what();
  }
  ++counts_.failures;
  outage_.failed({{"error", failure}});
  co_return Result::failed;
}

asio::awaitable<void> AckCommitter::drain(base::TimePoint deadline) { co_await commits_.drain(deadline); }

}  // namespace prompted::mqreader
