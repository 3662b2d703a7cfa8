#pragma once
// The readers that MQ_BASE_URL resolves to, looked up periodically, and the loops that lease from each.
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <vector>

#include "base/spawn.hpp"
#include "collector/reader_client.hpp"
#include "http/url.hpp"

namespace prompted::collector {

class ReaderSet {
 public:
  ReaderSet(boost::asio::io_context& owner, Context& context);

  void start();
  /// Whether some reader responded to its last lease, for readiness.
  bool healthy() const;
  std::size_t count() const { return readers_.size(); }
  /// All loops have ended; false when the deadline came first.
  boost::asio::awaitable<bool> finished(base::TimePoint deadline) { return tasks_.finished(deadline); }

 private:
  boost::asio::awaitable<void> watch();
  boost::asio::awaitable<bool> look_up();
  void add(const http::Endpoint& endpoint);
  void retire_absent(const std::vector<http::Endpoint>& found);

  Context& context_;
  std::vector<http::Url> urls_;
  std::vector<std::shared_ptr<ReaderClient>> readers_;
  base::Outage lookup_{"lookup of MQ_BASE_URL"};
  base::TaskGroup tasks_;
};

}  // namespace prompted::collector
