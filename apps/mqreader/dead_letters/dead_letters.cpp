#include "mqreader/dead_letters/dead_letters.hpp"

#include <algorithm>

#include "base/log.hpp"

namespace prompted::mqreader {

namespace asio = boost::asio;
using base::Clock;

namespace {
constexpr auto page_deadline = std::chrono::seconds(10);
}

asio::awaitable<std::size_t> DeadLetters::move(DeadLetterAction action, models::DeadLetterSelection selection) {
  owner_thread_.check();
  if (!selection.msg_uuids) co_return co_await move_all(action, std::move(selection.topic));
  co_return co_await move_named(action, std::move(selection.topic), std::move(*selection.msg_uuids));
}

asio::awaitable<std::size_t> DeadLetters::move_all(DeadLetterAction action, std::optional<std::string> topic) {
  DeadLetterScan scan;
  scan.died_until = co_await store_.read_clock(Clock::now() + page_deadline);
  scan.last_topic = topic.value_or("");
  scan.topic = std::move(topic);
  std::size_t total = 0;
  for (bool more = true; more;) {
    ScannedPage page = co_await store_.move_page(action, scan, Clock::now() + page_deadline);
    co_await moved(action, page.moved);
    total += page.moved;
    more = page.more;
    scan.last_topic = std::move(page.last_topic);
    scan.last_uuid = page.last_uuid;
  }
  co_return total;
}

asio::awaitable<std::size_t> DeadLetters::move_named(DeadLetterAction action, std::optional<std::string> topic,
                                                     std::vector<base::Uuid> uuids) {
  std::sort(uuids.begin(), uuids.end());
  uuids.erase(std::unique(uuids.begin(), uuids.end()), uuids.end());
  std::size_t total = 0;
  for (std::size_t first = 0; first < uuids.size(); first += DeadLetterStore::page_rows) {
    const std::size_t last = std::min(uuids.size(), first + DeadLetterStore::page_rows);
    std::vector<base::Uuid> page(uuids.begin() + static_cast<std::ptrdiff_t>(first),
                                 uuids.begin() + static_cast<std::ptrdiff_t>(last));
    const std::size_t number = co_await store_.move_named(action, topic, std::move(page), Clock::now() + page_deadline);
    co_await moved(action, number);
    total += number;
  }
  co_return total;
}

/// Counts moved dead letters, and wakes readers after a redrive.
asio::awaitable<void> DeadLetters::moved(DeadLetterAction action, std::size_t number) {
  if (number == 0) co_return;
  log::info(action == DeadLetterAction::redrive ? "dead letters redriven" : "dead letters purged",
            {{"messages", number}});
  if (action == DeadLetterAction::purge) {
    counts_.purged += number;
    co_return;
  }
  counts_.redriven += number;
  try {
    co_await store_.notify(Clock::now() + page_deadline);
  } catch (const std::exception& error) {
    log::debug("cannot notify readers; their next poll finds the messages", {{"error", error.what()}});
  }
}

}  // namespace prompted::mqreader
