#include "apigw/sources.hpp"

#include "apigw/format.hpp"
#include "base/text.hpp"

namespace prompted::apigw {

std::string next_link(const http::Request& request, const std::string& cursor) {
  std::string out = "<";
  std::string_view route = request.route;
  while (!route.empty()) {
    const auto open = route.find('{');
    out += route.substr(0, open);
    if (open == std::string_view::npos) break;
    const auto close = route.find('}', open);
    out += base::percent_encode(request.param(route.substr(open + 1, close - open - 1)));
    route.remove_prefix(close + 1);
  }
  out += '?';
  for (const auto& [name, value] : request.query) {
    if (name == "cursor" || value.empty()) continue;
    out += base::percent_encode(name) + '=' + base::percent_encode(value) + '&';
  }
  return out + "cursor=" + cursor + ">; rel=\"next\"";
}

boost::asio::awaitable<std::optional<std::string>> TelemetrySource::next() {
  owner_thread_.check();
  if (done_) co_return std::nullopt;
  Page page = co_await store_.page(selection_, PageSize(stream_rows, stream_bytes), false, query_deadline());
  stats_.count(page);
  selection_.after = std::move(page.next);
  done_ = !selection_.after;
  std::string piece = std::move(page.entries);
  if (done_) piece += response_end(selection_, std::nullopt);
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
