#include "collector/reader_set.hpp"

#include <algorithm>

#include "collector/collect_loop.hpp"

namespace prompted::collector {

namespace {

constexpr std::chrono::seconds lookup_interval{5};
constexpr std::chrono::milliseconds lookup_retry{500};
constexpr int lookups_until_retired = 3;  // one failed look-up must not stop a reader that works

}  // namespace

ReaderSet::ReaderSet(boost::asio::io_context& owner, Context& context)
    : context_(context), urls_(http::parse_urls(context.config.mq_base_url)), tasks_(owner) {}

void ReaderSet::start() { tasks_.spawn("reader lookup", watch()); }

bool ReaderSet::healthy() const {
  return std::any_of(readers_.begin(), readers_.end(), [](const auto& reader) { return reader->healthy; });
}

boost::asio::awaitable<void> ReaderSet::watch() {
  while (!context_.stopping) {
    const bool found = co_await look_up();
    co_await context_.pause(found ? base::Duration(lookup_interval) : base::Duration(lookup_retry));
  }
}

boost::asio::awaitable<bool> ReaderSet::look_up() {
  try {
    const std::vector<http::Endpoint> found = co_await http::resolve(urls_);
    if (context_.stopping) co_return true;
    lookup_.recovered();
    for (const http::Endpoint& endpoint : found) add(endpoint);
    retire_absent(found);
    co_return true;
  } catch (const base::Error& error) {
    lookup_.failed({{"error", error.what()}});
  }
  co_return false;
}

void ReaderSet::add(const http::Endpoint& endpoint) {
  const auto same = [&](const auto& reader) { return reader->endpoint() == endpoint; };
  if (std::any_of(readers_.begin(), readers_.end(), same)) return;
  auto reader = std::make_shared<ReaderClient>(context_, endpoint);
  readers_.push_back(reader);
  log::info("leasing from mqreader", {{"reader", endpoint.label()}});
  for (std::int64_t i = 0; i < context_.config.concurrency; ++i) {
    tasks_.spawn("collect loop", collect(context_, reader));
  }
}

void ReaderSet::retire_absent(const std::vector<http::Endpoint>& found) {
  for (const auto& reader : readers_) {
    const bool present = std::find(found.begin(), found.end(), reader->endpoint()) != found.end();
    reader->missed_lookups = present ? 0 : reader->missed_lookups + 1;
    reader->retired = reader->missed_lookups >= lookups_until_retired;
    if (reader->retired)
      log::info("mqreader address no longer resolves; stopped leasing from it",
                {{"reader", reader->endpoint().label()}});
  }
  std::erase_if(readers_, [](const auto& reader) { return reader->retired; });
}

}  // namespace prompted::collector
