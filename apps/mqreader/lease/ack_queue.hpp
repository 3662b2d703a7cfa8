#pragma once
// Acks that wait for their DELETE, and when to start one: a plain decision, without sockets, threads or clocks.
#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <deque>
#include <memory>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/pending.hpp"
#include "mqreader/message.hpp"
#include "mqreader/poll/incarnation.hpp"

namespace prompted::mqreader {

/// Receives the outcome of acks. A pending ack keeps its listener alive until acks_completed() has returned.
class AckListener {
 public:
  virtual ~AckListener() = default;
  /// `deleted` is false when the server has changed: the messages will be read again.
  virtual void acks_completed(const std::vector<MessageKey>& keys, bool deleted) = 0;
};

struct PendingAck {
  PendingAck(boost::asio::io_context& owner, std::shared_ptr<AckListener> from, std::vector<MessageKey> message_keys,
             ServerId read_from)
      : topic(std::move(from)), keys(std::move(message_keys)), server(std::move(read_from)), deleted(owner) {}

  /// Sets the result once the DELETE has committed or the server has changed. Releases the topic, because a waiting
  /// request must not keep an idle topic loaded.
  void complete(bool was_deleted) {
    topic->acks_completed(keys, was_deleted);
    topic.reset();
    deleted.complete(was_deleted);
  }

  std::shared_ptr<AckListener> topic;
  std::vector<MessageKey> keys;
  ServerId server;  ///< that the messages were read from
  base::Pending<bool> deleted;
};

class AckQueue {
 public:
  using Batch = std::vector<std::shared_ptr<PendingAck>>;

  void add(std::shared_ptr<PendingAck> ack) {
    waiting_messages_ += ack->keys.size();
    waiting_.push_back(std::move(ack));
  }

  /// Whether to start a DELETE: at once if none is running, or beside running ones if enough messages wait.
  bool due(base::TimePoint, std::size_t running) const {
    return !waiting_.empty() && (running == 0 || waiting_messages_ >= enough_for_one_more);
  }
  base::TimePoint due_at() const { return base::never; }

  /// Takes the oldest acks of one server, because a statement names one: up to most_in_one_delete messages, but at
  /// least one ack.
  Batch take() {
    Batch batch;
    std::size_t messages = 0;
    while (!waiting_.empty()) {
      const std::size_t next = waiting_.front()->keys.size();
      if (!batch.empty() && messages + next > most_in_one_delete) break;
      if (!batch.empty() && waiting_.front()->server != batch.front()->server) break;
      messages += next;
      waiting_messages_ -= next;
      batch.push_back(std::move(waiting_.front()));
      waiting_.pop_front();
    }
    return batch;
  }

  std::size_t waiting_messages() const { return waiting_messages_; }

  static constexpr std::size_t most_in_one_delete = 2000;
  static constexpr std::size_t enough_for_one_more = 500;

 private:
  std::deque<std::shared_ptr<PendingAck>> waiting_;
  std::size_t waiting_messages_ = 0;
};

}  // namespace prompted::mqreader
