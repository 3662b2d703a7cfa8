#include "mqreader/lease/redelivery.hpp"

#include <unordered_set>

namespace prompted::mqreader {

namespace asio = boost::asio;
using base::Clock;

namespace {
constexpr std::size_t writes_at_once = 1000;
constexpr auto statement_limit = std::chrono::seconds(10);
}  // namespace

asio::awaitable<Redelivery::Result> Redelivery::persist_attempts() {
  owner_thread_.check();
  Result result;
  const auto writes = messages_.take_attempts(writes_at_once);
  if (writes.empty()) co_return result;
  const auto clears = messages_.clears();
  std::vector<std::int64_t> there;
  bool written = false;
  co_await ownership_lease_.wait();
  try {
    there = co_await store_.persist_attempts(writes, Clock::now() + statement_limit);
    written = true;
  } catch (const std::exception& error) {
    outage_.failed({{"topic", topic_}, {"what", "attempts"}, {"error", error.what()}});
  }
  if (clears != messages_.clears()) co_return result;  // the rows were read from another server
  if (!written) {
    messages_.retry_attempts(writes);
    result.failed = true;
    co_return result;
  }
  const auto now = Clock::now();
  for (auto id : there) messages_.redeliver(id, now);
  const std::unordered_set<std::int64_t> known(there.begin(), there.end());
  for (const auto& write : writes)
    if (!known.contains(write.key.id) && messages_.forgotten(write.key)) result.gone.push_back(write.key.id);
  co_return result;
}

}  // namespace prompted::mqreader
