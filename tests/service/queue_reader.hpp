#pragma once
// mqreader's core in the test process: the real topic, poll and deletes against a real PostgreSQL, and a consumer that
// records every delivery.
#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <numeric>
#include <set>
#include <string>

#include "base/spawn.hpp"
#include "mqreader/topic.hpp"
#include "postgres/database.hpp"

namespace prompted::test {

struct ReaderSettings {
  std::int64_t memory_messages = 300;
  int poll_batch = 100;
  int partitions = 16;
  std::size_t lease_max = 50;
  std::chrono::milliseconds poll_interval{20};
};

class QueueReader {
 public:
  QueueReader(const std::string& url, ReaderSettings settings)
      : settings_(settings),
        database_(owner_, database_options(url)),
        poll_store_(database_),
        lease_store_(database_),
        dead_letter_store_(database_, settings.partitions),
        ownership_lease_(owner_),
        ack_committer_(owner_, lease_store_, ownership_lease_, incarnation_, 2),
        topic_(std::make_shared<mqreader::Topic>(owner_, "telemetry", topic_options(settings),
                                                 mqreader::Stores{poll_store_, lease_store_, dead_letter_store_},
                                                 ack_committer_, incarnation_, ownership_lease_, budget(settings),
                                                 slots_)) {
    ownership_lease_.extend(base::BootClock::now() + std::chrono::hours(1));
    std::vector<int> owned(static_cast<std::size_t>(settings.partitions));
    std::iota(owned.begin(), owned.end(), 0);
    topic_->set_partitions(owned);
    topic_->start();
    for (int i = 0; i < 2; ++i) base::spawn(owner_, "consumer", consume());
  }

  /// Stops as mqreader does on SIGTERM: no job may be in flight when the database is destroyed.
  ~QueueReader() {
    consuming = false;
    topic_->stop();
    bool ended = false;
    base::spawn(owner_, "end", end(ended));
    run_until([&ended] { return ended; }, std::chrono::seconds(30));
  }

  /// Runs until `done`, checked often, is true; returns false at the limit.
  bool run_until(const std::function<bool()>& done, std::chrono::seconds limit) {
    const auto end = base::Clock::now() + limit;
    while (!done()) {
      if (base::Clock::now() > end) return false;
      owner_.run_for(std::chrono::milliseconds(5));
    }
    return true;
  }

  /// Ends the pause between two polls.
  void wake() { topic_->wake(); }

  /// Number of deliveries by msg_uuid.
  const std::map<std::string, int>& deliveries() const { return deliveries_; }
  const mqreader::PollCounts& counts() const { return topic_->poller().counts(); }
  const mqreader::SweepCounts& sweep_counts() const { return topic_->sweeper().counts(); }
  const mqreader::MessageTable& messages() const { return topic_->messages(); }
  std::int64_t most_in_memory() const { return most_in_memory_; }
  /// While false, the consumer leases nothing.
  bool consuming = true;

 private:
  static pg::Options database_options(const std::string& url) {
    pg::Options options;
    options.dsn = url;
    options.application_name = "queue-reader-test";
    options.workers = 3;
    options.on_connect = mqreader::connection_settings();
    return options;
  }
  static mqreader::TopicOptions topic_options(const ReaderSettings& settings) {
    mqreader::TopicOptions options;
    options.limits.messages = settings.memory_messages;
    options.partition_count = settings.partitions;
    options.poll.batch = settings.poll_batch;
    options.poll.interval = settings.poll_interval;
    options.sweep_interval = std::chrono::milliseconds(200);
    return options;
  }

  /// The only topic gets half of the budget.
  static std::shared_ptr<mqreader::MemoryBudget> budget(const ReaderSettings& settings) {
    return std::make_shared<mqreader::MemoryBudget>(mqreader::Memory{2 * settings.memory_messages, 1 << 28}, 64);
  }

  boost::asio::awaitable<void> end(bool& ended) {
    const auto deadline = base::Clock::now() + std::chrono::seconds(20);
    co_await topic_->stopped(deadline);
    co_await ack_committer_.drain(deadline);
    co_await database_.stop(deadline);
    ended = true;
  }

  boost::asio::awaitable<void> consume() {
    while (true) {
      if (!consuming) {
        co_await base::sleep_for(std::chrono::milliseconds(5));
        continue;
      }
      const auto lease_id = base::random_uuid();
      const auto until = base::Clock::now() + std::chrono::milliseconds(100);
      const auto grant =
          co_await topic_->lease(lease_id, "test", settings_.lease_max, std::chrono::minutes(5), until, lease_memory_);
      most_in_memory_ = std::max(most_in_memory_, static_cast<std::int64_t>(topic_->messages().size()));
      for (const auto& delivery : grant.deliveries) ++deliveries_[base::to_string(*delivery.uuid)];
      if (!grant.deliveries.empty()) co_await topic_->ack(lease_id, "test", std::nullopt, base::never);
    }
  }

  boost::asio::io_context owner_{1};
  ReaderSettings settings_;
  pg::Database database_;
  mqreader::PollStore poll_store_;
  mqreader::LeaseStore lease_store_;
  mqreader::DeadLetterStore dead_letter_store_;
  mqreader::OwnershipLease ownership_lease_;
  mqreader::AckCommitter ack_committer_;
  mqreader::Incarnation incarnation_;
  mqreader::PollSlots slots_{owner_, 3};
  mqreader::LeaseMemory lease_memory_;
  std::shared_ptr<mqreader::Topic> topic_;
  std::map<std::string, int> deliveries_;
  std::int64_t most_in_memory_ = 0;
};

}  // namespace prompted::test
