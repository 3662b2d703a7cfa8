#pragma once
// Acknowledged messages on their way out of the table: group-committed DELETEs. Once a consumer has acked, the delete is
// repeated until it succeeds: the message is never handed out again by this reader.
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <deque>
#include <memory>
#include <vector>

#include "base/outage.hpp"
#include "base/pending.hpp"
#include "base/spawn.hpp"
#include "mqreader/incarnation.hpp"
#include "mqreader/store.hpp"
#include "mqreader/tenure.hpp"
#include "service/metrics.hpp"

namespace prompted::mqreader {

struct SettlerCounts {
  std::uint64_t deletes = 0;
  std::uint64_t deleted_messages = 0;
  std::uint64_t failures = 0;
  service::Histogram commit_seconds;
};

/// The owner of acknowledged messages. The settler keeps it alive until settled() has returned.
class Acknowledged {
 public:
  virtual ~Acknowledged() = default;
  /// `deleted` is false when the server has changed: the messages are then read again.
  virtual void settled(const std::vector<MessageKey>& keys, bool deleted) = 0;
};

/// Owner: the daemon's thread.
class Settler {
 public:
  Settler(boost::asio::io_context& owner, Store& store, Tenure& tenure, Incarnation& incarnation,
          std::size_t connections);

  /// Returns true after the DELETE's commit; false when the server is no longer the one that the messages were read from:
  /// nothing was deleted, and they are read again. Throws base::Error(expired) at the deadline; the delete goes on all the same.
  boost::asio::awaitable<bool> remove(std::shared_ptr<Acknowledged> topic, std::vector<MessageKey> keys,
                                      ServerId server, base::TimePoint deadline);
  boost::asio::awaitable<void> drain(base::TimePoint deadline);

  std::size_t waiting() const { return waiting_messages_; }
  const SettlerCounts& counts() const { return counts_; }

 private:
  struct Ticket {
    Ticket(boost::asio::io_context& owner, std::shared_ptr<Acknowledged> from, std::vector<MessageKey> message_keys,
           ServerId read_from)
        : topic(std::move(from)), keys(std::move(message_keys)), server(std::move(read_from)), deleted(owner) {}
    std::shared_ptr<Acknowledged> topic;
    std::vector<MessageKey> keys;
    ServerId server;
    base::Pending<bool> deleted;
  };
  /// What became of one DELETE.
  enum class Result { deleted, other_server, failed };
  using Tickets = std::vector<std::shared_ptr<Ticket>>;

  void pump();
  Tickets take();
  boost::asio::awaitable<void> flush(Tickets tickets);
  boost::asio::awaitable<Result> try_delete(std::vector<MessageKey> keys, ServerId server);

  boost::asio::io_context& owner_;
  Store& store_;
  Tenure& tenure_;
  Incarnation& incarnation_;
  std::size_t connections_;
  base::TaskGroup flushes_;
  std::deque<std::shared_ptr<Ticket>> waiting_;
  std::size_t waiting_messages_ = 0;
  std::size_t running_ = 0;
  base::Outage outage_{"delete of acknowledged messages"};
  SettlerCounts counts_;
};

}  // namespace prompted::mqreader
