#pragma once
// All topics of this reader, behind what the handlers ask.
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "base/uuid.hpp"
#include "models/queue.hpp"
#include "mqreader/topic.hpp"

namespace prompted::mqreader {

struct LeaseResponse {
  LeaseResponse(const base::Uuid& id, std::string text) : lease_id(id), json(std::move(text)) {}

  base::Uuid lease_id;
  std::string json;
};

/// Owner: the daemon's thread.
class Broker {
 public:
  Broker(boost::asio::io_context& owner, Store& store, Tenure& tenure, TopicOptions options, std::size_t connections);

  /// Which partitions this reader serves.
  void set_partitions(std::vector<int> owned);
  const std::vector<int>& partitions() const { return owned_; }
  const base::Uuid& reader_id() const { return tenure_.reader(); }
  int partition_count() const { return options_.partition_count; }

  /// A topic is loaded on its first lease. `client_gone` is asked after a wait: whoever has hung up gets nothing.
  boost::asio::awaitable<LeaseResponse> lease(models::LeaseRequest request, std::function<bool()> client_gone);
  /// The response could not be sent: its messages are ready again at once.
  void take_back_grant(const std::string& topic, const base::Uuid& lease_id);
  boost::asio::awaitable<std::size_t> ack(models::AckRequest request, base::TimePoint deadline);
  boost::asio::awaitable<Topic::NackResult> nack(models::NackRequest request, base::TimePoint deadline);
  /// The lease's new end. Throws base::Error(conflict) when it is gone.
  base::Instant extend(const models::ExtendRequest& request);

  /// Whether a lease of this id was granted here and is remembered.
  bool knows_lease(const base::Uuid& lease_id) const;

  /// A writer's hint.
  void wake();
  /// Answers those who wait; ends polls.
  void stop_intake();
  boost::asio::awaitable<void> finish(base::TimePoint deadline);

  const std::map<std::string, std::unique_ptr<Topic>>& topics() const { return topics_; }
  const Settler& settler() const { return settler_; }

 private:
  Topic& topic(const std::string& name);
  Topic* find(const std::string& name);
  base::Uuid new_lease_id() const;

  boost::asio::io_context& owner_;
  Store& store_;
  Tenure& tenure_;
  TopicOptions options_;
  Incarnation incarnation_;  ///< before the settler, which refers to it
  Settler settler_;
  std::vector<int> owned_;
  std::map<std::string, std::unique_ptr<Topic>> topics_;
  bool stopping_ = false;
};

}  // namespace prompted::mqreader
