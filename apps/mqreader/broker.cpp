#include "mqreader/broker.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "base/log.hpp"
#include "base/time.hpp"
#include "models/lease_response_writer.hpp"

namespace prompted::mqreader {

namespace asio = boost::asio;
using base::Clock;

namespace {
constexpr std::size_t most_retiring = 16;
constexpr auto longest_between_looks = std::chrono::seconds(10);
}  // namespace

Broker::Broker(asio::io_context& owner, Stores stores, OwnershipLease& ownership_lease, TopicOptions options,
               std::size_t connections)
    : owner_(owner),
      stores_(stores),
      ownership_lease_(ownership_lease),
      options_(options),
      ack_committer_(owner, stores.lease, ownership_lease, incarnation_, std::max<std::size_t>(1, connections / 2)),
      memory_(std::make_shared<MemoryBudget>(Memory{options.limits.messages, options.limits.bytes}, most_topics)),
      slots_(owner, connections),
      lease_memory_(options.response_bytes),
      loops_(owner),
      retiring_(owner),
      ending_(owner) {}

void Broker::start() {
  owner_thread_.check();
  loops_.spawn("evict", evict_loop());
}

void Broker::set_partitions(std::vector<int> owned) {
  owner_thread_.check();
  owned_ = std::move(owned);
  for (auto& [name, topic] : topics_) topic->set_partitions(owned_);
}

std::shared_ptr<Topic> Broker::find(const std::string& name) {
  const auto found = topics_.find(name);
  if (found == topics_.end()) return nullptr;
  found->second->touch();
  return found->second;
}

std::shared_ptr<Topic> Broker::topic(const std::string& name) {
  if (auto known = find(name)) return known;
  if (stopping_) throw base::Error(base::ErrorKind::unavailable, "shutting down");
  make_room();
  auto made = std::make_shared<Topic>(owner_, name, options_, stores_, ack_committer_, incarnation_, ownership_lease_,
                                      memory_, slots_);
  made->set_partitions(owned_);
  made->start();
  log::info("topic loaded", {{"topic", name}});
  topics_.emplace(name, made);
  return made;
}

bool Broker::idle(const std::shared_ptr<Topic>& topic) { return topic.use_count() == 1 && topic->quiet(); }

/// Evicts the topic that has been idle longest, and one with redeliveries only if no other is idle.
void Broker::make_room() {
  if (topics_.size() < most_topics) return;
  if (retiring_.running() >= most_retiring)
    throw base::Error(base::ErrorKind::overloaded, "this reader is still evicting other topics");
  const auto rank = [](const Topic& topic) {
    return std::make_pair(topic.messages().any_redelivery(), topic.last_used());
  };
  auto longest = topics_.end();
  for (auto at = topics_.begin(); at != topics_.end(); ++at) {
    if (!idle(at->second)) continue;
    if (longest == topics_.end() || rank(*at->second) < rank(*longest->second)) longest = at;
  }
  if (longest == topics_.end())
    throw base::Error(base::ErrorKind::overloaded,
                      "this reader serves " + std::to_string(most_topics) + " topics already, and all are in use");
  evict(longest);
}

void Broker::evict(Topics::iterator topic) {
  auto gone = std::move(topic->second);
  topics_.erase(topic);
  ++evicted_;
  log::info("idle topic evicted", {{"topic", gone->name()}});
  gone->retire();
  retiring_.spawn("retire", retire(std::move(gone)));
}

/// Keeps the topic alive until its loops have ended.
asio::awaitable<void> Broker::retire(std::shared_ptr<Topic> topic) { co_await topic->stopped(base::never); }

asio::awaitable<void> Broker::evict_loop() {
  const base::Duration pause = std::min<base::Duration>(longest_between_looks, options_.idle_limit / 4);
  while (!stopping_) {
    co_await ending_.wait_until(Clock::now() + pause);
    if (stopping_) break;
    const auto limit = Clock::now() - options_.idle_limit;
    for (auto at = topics_.begin(); at != topics_.end();) {
      const auto topic = at++;
      const bool long_unused = topic->second->last_used() <= limit;
      // Messages delivered before count one more attempt when read again. So such a topic is evicted only if others
      // lack room.
      const bool kept = topic->second->messages().any_redelivery() && !memory_->lacks_room();
      if (long_unused && !kept && idle(topic->second)) evict(topic);
    }
  }
}

/// A UUID (version 8) whose first 48 bits are the reader's, so that any reader that receives an ack can tell whose
/// lease it is.
base::Uuid Broker::new_lease_id() const {
  base::Uuid id = base::random_uuid();
  std::copy_n(ownership_lease_.reader().bytes.begin(), 6, id.bytes.begin());
  id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0F) | 0x80);
  return id;
}

asio::awaitable<LeaseResponse> Broker::lease(models::LeaseRequest request, std::function<bool()> client_gone) {
  owner_thread_.check();
  const auto lease_id = new_lease_id();
  const auto from = topic(request.topic);
  const auto wait_until = Clock::now() + request.wait;
  auto grant = co_await from->lease(lease_id, request.consumer_id, static_cast<std::size_t>(request.max), request.lease,
                                    wait_until, lease_memory_);
  from->touch();
  const bool waited = request.wait > std::chrono::milliseconds(0);
  if (waited && !grant.deliveries.empty() && client_gone()) {
    from->take_back_grant(lease_id);
    grant.deliveries.clear();
  }
  std::size_t bytes = 0;
  for (const auto& delivery : grant.deliveries) bytes += delivery.payload.size() + 128;
  models::LeaseResponseWriter writer(
      lease_id, base::now_utc() + std::chrono::duration_cast<std::chrono::microseconds>(request.lease), bytes);
  for (const auto& delivery : grant.deliveries)
    writer.add(*delivery.uuid, delivery.attempts, delivery.partition, delivery.payload);
  std::string text = std::move(writer).finish();
  auto counted = lease_memory_.hold(text.capacity());
  co_return LeaseResponse(lease_id, std::move(text), std::move(counted), grant.deliveries.size());
}

void Broker::take_back_grant(const std::string& topic, const base::Uuid& lease_id) {
  owner_thread_.check();
  if (const auto from = find(topic)) from->take_back_grant(lease_id);
}

asio::awaitable<std::size_t> Broker::ack(models::AckRequest request, base::TimePoint deadline) {
  owner_thread_.check();
  const auto from = find(request.topic);
  const auto lease_id = base::parse_uuid(request.lease_id);
  if (from == nullptr || !lease_id) co_return 0;
  co_return co_await from->ack(*lease_id, std::move(request.consumer_id), std::move(request.msg_uuids), deadline);
}

asio::awaitable<Topic::NackResult> Broker::nack(models::NackRequest request, base::TimePoint deadline) {
  owner_thread_.check();
  const auto from = find(request.target.topic);
  const auto lease_id = base::parse_uuid(request.target.lease_id);
  if (from == nullptr || !lease_id) {
    Topic::NackResult nothing;
    co_return nothing;
  }
  co_return co_await from->nack(*lease_id, std::move(request.target.consumer_id), std::move(request.target.msg_uuids),
                                request.dead, std::move(request.reason), request.delay, request.in_history, deadline);
}

bool Broker::knows_lease(const base::Uuid& lease_id) const {
  owner_thread_.check();
  return std::any_of(topics_.begin(), topics_.end(),
                     [&](const auto& entry) { return entry.second->messages().knows_lease(lease_id); });
}

base::Instant Broker::extend(const models::ExtendRequest& request) {
  owner_thread_.check();
  const auto from = find(request.target.topic);
  const auto lease_id = base::parse_uuid(request.target.lease_id);
  const auto until = base::now_utc() + request.lease;
  const bool extended =
      from != nullptr && lease_id && from->extend(*lease_id, request.target.consumer_id, request.lease);
  if (!extended) throw base::Error(base::ErrorKind::conflict, "the lease is gone");
  return until;
}

void Broker::wake() {
  owner_thread_.check();
  for (auto& [name, topic] : topics_) topic->wake();
}

void Broker::stop_intake() {
  owner_thread_.check();
  stopping_ = true;
  ending_.notify();
  for (auto& [name, topic] : topics_) topic->stop();
}

asio::awaitable<void> Broker::finish(base::TimePoint deadline) {
  owner_thread_.check();
  for (auto& [name, topic] : topics_) co_await topic->stopped(deadline);
  co_await retiring_.finished(deadline);
  co_await loops_.finished(deadline);
  co_await ack_committer_.drain(deadline);
}

}  // namespace prompted::mqreader
