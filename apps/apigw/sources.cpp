#include "apigw/sources.hpp"

#include "apigw/format.hpp"

namespace prompted::apigw {

boost::asio::awaitable<std::optional<std::string>> TelemetrySource::next() {
  owner_thread_.check();
  if (done_) co_return std::nullopt;
  Page page = co_await store_.page(selection_, PageSize(stream_rows, stream_bytes), false, query_deadline());
  stats_.count(page);
  selection_.after = std::move(page.next);
  done_ = !selection_.after;
  std::string piece = std::move(page.entries);
  if (done_) piece += answer_end(selection_, std::nullopt);
  co_return piece;
}

boost::asio::awaitable<GpuPage> GpuSource::read(GpuStore& store, const Query& query, std::string after, bool first) {
  if (const auto* list = std::get_if<GpuList>(&query)) {
    return store.gpus(*list, std::move(after), first, query_deadline());
  }
  return store.latest(std::get<LatestMetrics>(query), std::move(after), first, query_deadline());
}

boost::asio::awaitable<std::optional<std::string>> GpuSource::next() {
  owner_thread_.check();
  if (!after_) co_return std::nullopt;
  GpuPage page = co_await read(store_, query_, *after_, first_);
  first_ = first_ && !page.any;
  after_ = std::move(page.next);
  std::string piece = std::move(page.entries);
  if (!after_) piece += "]}";
  co_return piece;
}

}  // namespace prompted::apigw
