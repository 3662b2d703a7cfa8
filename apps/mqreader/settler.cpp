#include "mqreader/settler.hpp"

#include "base/backoff.hpp"
#include "base/error.hpp"

namespace prompted::mqreader {

namespace asio = boost::asio;
using base::Clock;

namespace {
constexpr std::size_t most_in_one_delete = 2000;
constexpr std::size_t enough_for_one_more = 500;  // waiting messages that start a delete beside a running one
}  // namespace

Settler::Settler(asio::io_context& owner, Store& store, Tenure& tenure, Incarnation& incarnation,
                 std::size_t connections)
    : owner_(owner),
      store_(store),
      tenure_(tenure),
      incarnation_(incarnation),
      connections_(connections),
      flushes_(owner) {}

asio::awaitable<bool> Settler::remove(std::shared_ptr<Acknowledged> topic, std::vector<MessageKey> keys,
                                      ServerId server, base::TimePoint deadline) {
  if (keys.empty()) co_return true;
  waiting_messages_ += keys.size();
  auto ticket = std::make_shared<Ticket>(owner_, std::move(topic), std::move(keys), std::move(server));
  waiting_.push_back(ticket);
  pump();
  const bool in_time = co_await ticket->deleted.wait_until(deadline);
  if (!in_time) throw base::Error(base::ErrorKind::expired, "the acknowledgement is not committed yet");
  co_return ticket->deleted.result();
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
    if (!tickets.empty() && waiting_.front()->server != tickets.front()->server) break;  // a statement carries one
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
  const ServerId server = tickets.front()->server;
  Result result = Result::failed;
  while (result == Result::failed) {
    result = co_await try_delete(keys, server);
    if (result == Result::failed) co_await base::sleep_for(backoff.next());
  }
  if (result == Result::other_server) incarnation_.is_gone(server);
  for (const auto& ticket : tickets) {
    ticket->topic->settled(ticket->keys, result == Result::deleted);
    ticket->topic.reset();  // a ticket that somebody waits for must not keep an idle topic
    ticket->deleted.complete(result == Result::deleted);
  }
  --running_;
  pump();
}

asio::awaitable<Settler::Result> Settler::try_delete(std::vector<MessageKey> keys, ServerId server) {
  const auto start = Clock::now();
  const std::size_t messages = keys.size();
  std::string failure;
  try {
    co_await tenure_.wait();  // after a freeze past the TTL nothing is deleted before the renewal
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

asio::awaitable<void> Settler::drain(base::TimePoint deadline) { co_await flushes_.finished(deadline); }

}  // namespace prompted::mqreader
