#pragma once
// One lease with messages, from its rows to its ack. Nothing is acked before it is committed; only messages that can
// never become rows are nacked.
#include <boost/asio/awaitable.hpp>
#include <optional>
#include <string>
#include <vector>

#include "collector/exchange.hpp"
#include "collector/lease_clock.hpp"
#include "collector/leased_batch.hpp"
#include "collector/reader_client.hpp"

namespace prompted::collector {

class Delivery {
 public:
  Delivery(Context& context, ReaderClient& reader, models::LeaseResponse response, base::TimePoint responded_at);

  /// Returns when the lease is settled or abandoned.
  boost::asio::awaitable<void> run();

 private:
  using AwaitedResponse = ReaderClient::AwaitedResponse;

  boost::asio::awaitable<bool> persist();
  boost::asio::awaitable<bool> insert_next();
  boost::asio::awaitable<void> extend();
  boost::asio::awaitable<void> settle();
  boost::asio::awaitable<Verdict> nack_poison();
  boost::asio::awaitable<Verdict> ack(std::vector<base::Uuid> uuids);
  boost::asio::awaitable<Verdict> nack(std::vector<base::Uuid> uuids, models::NackVerdict verdict);
  boost::asio::awaitable<Verdict> once(AwaitedResponse exchange);
  bool over() const;
  void abandon(std::string_view why);
  void log_poison(bool acked) const;
  void log_poison(bool acked, bool dead, const std::vector<const models::Poison*>& messages, std::size_t reasons) const;

  Context& context_;
  ReaderClient& reader_;
  std::string lease_id_;
  LeasedBatch batch_;
  std::optional<std::uint64_t> inserts_before_;  ///< Context::inserts when rows of this batch first failed
  LeaseClock clock_;
};

}  // namespace prompted::collector
