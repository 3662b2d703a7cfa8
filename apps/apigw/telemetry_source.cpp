#include "apigw/telemetry_source.hpp"

#include "base/json.hpp"

namespace prompted::apigw {

std::string answer_begin(std::string_view gpu_id) {
  std::string out = R"({"gpu_id":)";
  base::append_json_string(out, gpu_id);
  return out += R"(,"entries":[)";
}

boost::asio::awaitable<std::optional<std::string>> TelemetrySource::next() {
  if (!cursor_) co_return std::nullopt;
  Page page = co_await store_.telemetry(window_, cursor_, base::Clock::now() + query_timeout);
  ++stats_.pages;
  stats_.rows += page.rows;
  cursor_ = std::move(page.next);
  std::string piece = page.rows > 0 ? ',' + std::move(page.entries) : std::string();
  if (!cursor_) piece += answer_end;
  co_return piece;
}

}  // namespace prompted::apigw
