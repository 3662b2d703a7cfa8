#pragma once
// mqreader: polls the queue's partitions into memory and serves leases and acks from there.
#include "mqreader/broker.hpp"
#include "mqreader/config.hpp"
#include "mqreader/dead_letters/dead_letter_handlers.hpp"
#include "mqreader/forwarder.hpp"
#include "mqreader/handlers.hpp"
#include "mqreader/ownership/ownership.hpp"
#include "mqreader/poll/backlog.hpp"
#include "postgres/database.hpp"
#include "postgres/listener.hpp"
#include "service/daemon.hpp"

namespace prompted::mqreader {

class App final : public service::App {
 public:
  App(boost::asio::io_context& owner, const Config& config);

  void add_routes(http::Router& router) override;
  std::optional<http::Api> api() const override;
  void start(std::uint16_t port) override;
  std::vector<service::Check> checks() const override;
  void collect(service::MetricsWriter& metrics) const override;
  std::vector<service::MemoryPart> memory_parts() const override;
  void stop_intake() override;
  boost::asio::awaitable<void> finish(base::TimePoint deadline) override;

 private:
  const Config& config_;
  pg::Database database_;
  pg::Database ownership_database_;  ///< one connection that nothing else can delay past the TTL
  PollStore poll_store_;
  LeaseStore lease_store_;
  OwnershipStore ownership_store_;
  DeadLetterStore dead_letter_store_;
  OwnershipLease ownership_lease_;
  Broker broker_;
  ReaderProbe probe_;
  Ownership ownership_;
  Forwarder forwarder_;
  Handlers handlers_;
  DeadLetters dead_letters_;
  DeadLetterHandlers dead_letter_handlers_;
  Backlog backlog_;
  pg::Listener listener_;
};

}  // namespace prompted::mqreader
