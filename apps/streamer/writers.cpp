#include "streamer/writers.hpp"

#include <algorithm>

namespace prompted::streamer {

void Writers::update(const std::vector<http::Endpoint>& endpoints) {
  std::vector<Writer> next;
  for (const http::Endpoint& endpoint : endpoints) {
    const auto known = std::find_if(next.begin(), next.end(), [&](const Writer& w) { return w.endpoint == endpoint; });
    if (known != next.end()) continue;
    if (const Writer* old = find(endpoint)) next.push_back(*old);
    else next.push_back(Writer(endpoint));
  }
  all_ = std::move(next);
}

std::optional<http::Endpoint> Writers::pick(base::TimePoint now) {
  for (std::size_t i = 0; i < all_.size(); ++i) {
    const Writer& writer = all_[(turn_ + i) % all_.size()];
    if (writer.out_until > now) continue;
    turn_ = (turn_ + i + 1) % all_.size();
    return writer.endpoint;
  }
  return std::nullopt;
}

base::TimePoint Writers::ready_at() const {
  base::TimePoint first = base::never;
  for (const Writer& writer : all_) first = std::min(first, writer.out_until);
  return first;
}

void Writers::succeeded(const http::Endpoint& endpoint) {
  if (Writer* writer = find(endpoint)) {
    writer->backoff.reset();
    writer->out_until = base::TimePoint::min();
  }
}

void Writers::failed(const http::Endpoint& endpoint, base::TimePoint now, std::chrono::seconds retry_after) {
  if (Writer* writer = find(endpoint)) {
    writer->out_until = now + std::max<base::Duration>(writer->backoff.next(), retry_after);
  }
}

Writers::Writer* Writers::find(const http::Endpoint& endpoint) {
  const auto found = std::find_if(all_.begin(), all_.end(), [&](const Writer& w) { return w.endpoint == endpoint; });
  return found == all_.end() ? nullptr : &*found;
}

}  // namespace prompted::streamer
