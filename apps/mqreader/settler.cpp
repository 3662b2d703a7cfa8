#include "mqreader/settler.hpp"

#include "base/backoff.hpp"
#include "base/error.hpp"
#include "base/log.hpp"

namespace prompted::mqreader {

namespace asio = boost::asio;
using base::Clock;

namespace {
constexpr std::size_t most_in_one_delete = 2000;
constexpr std::size_t enough_for_one_more = 500;  // waiting messages that start a delete beside a running one
}  // namespace

Settler::Settler(asio::io_context& owner, Store& store, Tenure& tenure, std::size_t connections)
    : owner_(owner), store_(store), tenure_(tenure), connections_(connections), flushes_(owner) {}

asio::awaitable<void> Settler::remove(TopicStore& topic, std::vector<MessageKey> keys, base::Signal& room,
                                      base::TimePoint deadline) {
  if (keys.empty()) co_return;
  waiting_messages_ += keys.size();
  auto ticket = std::make_shared<Ticket>(owner_, topic, std::move(keys), room);
  waiting_.push_back(ticket);
  pump();
  while (!ticket->done) {
    const bool in_time = co_await ticket->changed.wait_until(deadline);
    if (!in_time && !ticket->done)
      throw base::Error(base::ErrorKind::expired, "the acknowledgement is not committed yet");
  }
}

void Settler::pump() {
  while (!waiting_.empty() && running_ < connections_ && (running_ == 0 || waiting_messages_ >= enough_for_one_more)) {
    ++running_;
    flushes_.spawn("delete", flush(take()));
  }
}

Settler::Tickets Settler::take() {
  Tickets tickets;
  std::size_t messages = 0;
  while (!waiting_.empty()) {
    const std::size_t next = waiting_.front()->keys.size();
    if (!tickets.empty() && messages + next > most_in_one_delete) break;
    messages += next;
    waiting_messages_ -= next;
    tickets.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
  }
  return tickets;
}

asio::awaitable<void> Settler::flush(Tickets tickets) {
  std::vector<MessageKey> keys;
  for (const auto& ticket : tickets) keys.insert(keys.end(), ticket->keys.begin(), ticket->keys.end());
  base::Backoff backoff(std::chrono::milliseconds(20), std::chrono::milliseconds(1000));
  while (true) {
    const bool deleted = co_await try_delete(keys);
    if (deleted) break;
    co_await base::sleep_for(backoff.next());
  }
  for (const auto& ticket : tickets) {
    for (const auto& key : ticket->keys) ticket->topic.removed(key.id);
    ticket->done = true;
    ticket->changed.notify();
    ticket->room.notify();
  }
  --running_;
  pump();
}

asio::awaitable<bool> Settler::try_delete(std::vector<MessageKey> keys) {
  const auto start = Clock::now();
  const std::size_t messages = keys.size();
  std::string failure;
  try {
    co_await tenure_.wait();  // after a freeze past the TTL nothing is deleted before the renewal
    ++counts_.deletes;
    co_await store_.remove(std::move(keys), start + std::chrono::seconds(10));
    counts_.commit_seconds.observe(Clock::now() - start);
    counts_.deleted_messages += messages;
    if (std::exchange(outage_, false)) log::info("deletes of acknowledged messages work again");
    co_return true;
  } catch (const pg::StatementError& error) {
    failure = error.what();
  } catch (const base::Error& error) {
    failure = error.what();
  }
  ++counts_.failures;
  if (!std::exchange(outage_, true))
    log::warn("delete of acknowledged messages failed, repeating", {{"error", failure}});
  co_return false;
}

asio::awaitable<void> Settler::drain(base::TimePoint deadline) { co_await flushes_.finished(deadline); }

}  // namespace prompted::mqreader
