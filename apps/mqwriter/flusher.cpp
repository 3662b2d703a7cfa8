#include "mqwriter/flusher.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "base/log.hpp"

namespace prompted::mqwriter {

namespace asio = boost::asio;
using base::Clock;

namespace {

constexpr auto longest_wait_for_room = std::chrono::seconds(1);
constexpr auto least_gap_between_hints = std::chrono::milliseconds(5);

std::exception_ptr not_in_time() {
  return std::make_exception_ptr(
      base::Error(base::ErrorKind::expired, "not committed in time; repeat with the same Idempotency-Key"));
}

/// The error that the client gets. Texts: docs/openapi/mqwriter.json.
std::exception_ptr error_of(const Publish& publish, const Fault& fault) {
  const std::string which = "messages[" + std::to_string(fault.message) + "]: ";
  if (fault.kind == Fault::Kind::refused)
    return std::make_exception_ptr(base::invalid(which + "holds a value that the queue's store cannot represent"));
  return std::make_exception_ptr(base::Error(
      base::ErrorKind::conflict, which + "msg_uuid " + base::to_string(publish.messages[fault.message].uuid) +
                                     " is in the queue with another content: use another Idempotency-Key"));
}

}  // namespace

Flusher::Flusher(asio::io_context& owner, Store& store, BufferLimits limits, std::size_t connections)
    : owner_(owner),
      store_(store),
      buffer_(limits),
      room_(owner),
      commits_(owner, buffer_,
               {.name = "flush", .most_running = connections, .first_pause = std::chrono::milliseconds(50)},
               [this](WriteBuffer::Batch& batch, bool retry) { return flush(batch, retry); }),
      hints_(owner) {}

asio::awaitable<std::size_t> Flusher::publish(PublishPtr publish) {
  owner_thread_.check();
  co_await wait_for_room(*publish);
  const PendingCommit pending(owner_);
  pending_.emplace(publish.get(), pending);
  buffer_.add(publish);
  commits_.pump();
  const bool in_time = co_await pending.wait_until(publish->deadline);
  if (!in_time) {
    // If still waiting, it is withdrawn and was never sent. In a flush, it may yet be committed.
    const bool withdrawn = buffer_.withdraw(publish);
    pending_.erase(publish.get());
    if (withdrawn) room_.notify();
    ++counts_.publishes_expired;
    std::rethrow_exception(not_in_time());
  }
  co_return pending.result();
}

asio::awaitable<void> Flusher::wait_for_room(const Publish& publish) {
  const auto deadline_for_room = std::min(Clock::now() + longest_wait_for_room, publish.deadline);
  while (!buffer_.admits(publish.messages.size(), publish.bytes)) {
    const bool in_time = co_await room_.wait_until(deadline_for_room);
    if (in_time) continue;
    ++counts_.publishes_refused_full;
    throw base::Error(base::ErrorKind::overloaded, "the buffer is full", rate_.time_for(buffer_.held_messages()));
  }
}

/// Makes one attempt. Returns true if every publish of the batch has its result.
asio::awaitable<bool> Flusher::flush(WriteBuffer::Batch& batch, bool retry) {
  const auto now = Clock::now();
  if (retry) {
    drop_expired(batch.publishes);
  } else {
    for (const auto& publish : batch.publishes) counts_.wait_seconds.observe(now - publish->arrived);
  }
  bool settled = batch.publishes.empty();
  if (!settled) settled = co_await try_insert(batch.publishes);
  if (settled) buffer_.flushed(batch.bytes);
  co_return settled;
}

/// True when every publish of the batch has its result; false when it is to be retried.
asio::awaitable<bool> Flusher::try_insert(Publishes batch) {
  const auto start = Clock::now();
  const auto latest = std::max_element(batch.begin(), batch.end(),
                                       [](const auto& a, const auto& b) { return a->deadline < b->deadline; });
  bool data_error = false;
  std::string failure;
  try {
    ++counts_.flushes;
    const auto duplicates = co_await store_.insert(batch, (*latest)->deadline);
    counts_.flush_seconds.observe(Clock::now() - start);
    committed(batch, duplicates);
    co_return true;
  } catch (const pg::StatementError& error) {
    data_error = error.data_error();
    failure = error.what() + error.advice("queue_messages");
  } catch (const base::Error& error) {
    failure = error.what();
  }
  ++counts_.flush_failures;
  if (data_error) {
    co_await flush_one_by_one(std::move(batch));
    co_return true;
  }
  outage_.failed({{"error", failure}});
  co_return false;
}

/// One client's refused message must not fail another's: each publish gets a statement of its own.
asio::awaitable<void> Flusher::flush_one_by_one(Publishes batch) {
  Publishes suspects;  // examined after the others have their results
  for (const auto& publish : batch) {
    Publishes alone(1, publish);
    bool refused = false;
    try {
      const auto duplicates = co_await store_.insert(alone, publish->deadline);
      committed(alone, duplicates);
    } catch (const pg::StatementError& error) {
      refused = error.data_error();
      if (!refused) settle(publish, 0, not_in_time());
    } catch (const base::Error&) {
      settle(publish, 0, std::current_exception());
    }
    if (refused) suspects.push_back(publish);
  }
  for (const auto& publish : suspects) co_await refuse_bad(publish);
}

asio::awaitable<void> Flusher::refuse_bad(PublishPtr publish) {
  std::exception_ptr error = not_in_time();
  try {
    const Fault fault = co_await store_.find_fault(publish, publish->deadline);
    if (fault.kind != Fault::Kind::none) {
      error = error_of(*publish, fault);
      ++counts_.publishes_bad;
    }
  } catch (const base::Error&) {
    error = std::current_exception();
  } catch (const pg::StatementError& failure) {
    log::warn("a refused publish could not be examined", {{"error", failure.what()}});
  }
  settle(publish, 0, error);
}

void Flusher::committed(const Publishes& batch, const std::vector<std::size_t>& duplicates) {
  outage_.recovered();
  std::size_t messages = 0;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    messages += batch[i]->messages.size();
    counts_.duplicates += duplicates[i];
    settle(batch[i], duplicates[i], nullptr);
  }
  counts_.messages_committed += messages;
  rate_.committed(messages, Clock::now());
  hint();
}

void Flusher::settle(const PublishPtr& publish, std::size_t duplicates, std::exception_ptr error) {
  buffer_.release(*publish);
  room_.notify();
  const auto found = pending_.find(publish.get());
  if (found == pending_.end()) return;  // its caller returned at the deadline
  if (error) found->second.fail(std::move(error));
  else found->second.complete(duplicates);
  pending_.erase(found);
}

void Flusher::drop_expired(Publishes& batch) {
  const auto now = Clock::now();
  const auto expired =
      std::stable_partition(batch.begin(), batch.end(), [now](const auto& p) { return p->deadline > now; });
  for (auto it = expired; it != batch.end(); ++it) {
    ++counts_.publishes_expired;
    settle(*it, 0, not_in_time());
  }
  batch.erase(expired, batch.end());
}

void Flusher::hint() {
  hint_wanted_ = true;
  if (std::exchange(hint_running_, true)) return;
  hints_.spawn("hint", send_hints());
}

asio::awaitable<void> Flusher::send_hints() {
  while (std::exchange(hint_wanted_, false)) {
    try {
      ++counts_.hints;
      co_await store_.notify(Clock::now() + std::chrono::seconds(1));
    } catch (const std::exception& error) {
      log::debug("hint not sent", {{"error", error.what()}});
    }
    co_await base::sleep_for(least_gap_between_hints);
  }
  hint_running_ = false;
}

asio::awaitable<void> Flusher::drain(base::TimePoint deadline) {
  owner_thread_.check();
  co_await commits_.drain(deadline);
  co_await hints_.finished(deadline);  // the last commits began them
}

}  // namespace prompted::mqwriter
