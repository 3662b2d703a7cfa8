#pragma once
// One topic at work: its messages in memory, the poll that fills it, and the writes that keep it honest.
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/signal.hpp"
#include "base/spawn.hpp"
#include "mqreader/dead_letters/dead_letter_store.hpp"
#include "mqreader/lease/ack_committer.hpp"
#include "mqreader/lease/lease_store.hpp"
#include "mqreader/lease/message_table.hpp"
#include "mqreader/ownership/ownership_lease.hpp"
#include "mqreader/poll/incarnation.hpp"
#include "mqreader/poll/poll_plan.hpp"
#include "mqreader/poll/poll_slots.hpp"
#include "mqreader/poll/poll_store.hpp"

namespace prompted::mqreader {

/// Each room's way to Postgres.
struct Stores {
  PollStore& poll;
  LeaseStore& lease;
  DeadLetterStore& dead_letters;
};

struct TopicOptions {
  TableLimits limits;  ///< of all topics together
  int partition_count = 256;
  int poll_batch = 1000;
  std::chrono::milliseconds poll_interval{500};
  std::chrono::milliseconds sweep_interval{60000};
  std::size_t response_bytes = 20 * 1024 * 1024;  ///< of all lease responses that wait for their clients
  std::chrono::milliseconds idle_limit{300000};   ///< after which the broker forgets a topic that nobody uses
};

struct TopicCounts {
  std::uint64_t polls = 0;
  std::uint64_t poll_failures = 0;
  std::uint64_t rows = 0;      ///< taken in
  std::uint64_t restarts = 0;  ///< everything read again after a crash of the server
  std::uint64_t sweeps = 0;
  std::uint64_t missed_rows = 0;   ///< found by a sweep: must stay 0
  std::uint64_t foreign_rows = 0;  ///< came from another cluster's xids
  service::Histogram poll_seconds;
};

/// Owner: the daemon's thread. Incarnation and AckCommitter are shared by all topics. Held by the broker, by each request that is
/// inside, and by the ack_committer until its acks are committed.
class Topic final : public AckListener, private MemoryHolder, public std::enable_shared_from_this<Topic> {
 public:
  Topic(boost::asio::io_context& owner, std::string name, TopicOptions options, Stores stores,
        AckCommitter& ack_committer, Incarnation& incarnation, OwnershipLease& ownership_lease,
        std::shared_ptr<MemoryBudget> memory, PollSlots& slots);

  void start();
  /// Ends the loops and lets those who wait go with what there is.
  void stop();
  boost::asio::awaitable<void> stopped(base::TimePoint deadline) { co_await loops_.finished(deadline); }
  /// stop(), and gives its memory back. Only when it is quiet().
  void retire();
  /// It may be retired, provided that no request is inside.
  bool quiet() const { return messages_.quiet(); }

  void acks_completed(const std::vector<MessageKey>& keys, bool deleted) override;

  void set_partitions(const std::vector<int>& owned);
  /// Something may be new: poll now, or once more when a poll is running, whose snapshot may be older.
  void wake() {
    hinted_ = true;
    wake_.notify();
  }

  /// Waits for the first message until `wait_until`, then grants what is ready and fits `memory`, which must outlive the call.
  boost::asio::awaitable<Grant> lease(base::Uuid lease_id, std::string consumer, std::size_t max,
                                      base::Duration duration, base::TimePoint wait_until, const LeaseMemory& memory);
  boost::asio::awaitable<std::size_t> ack(base::Uuid lease_id, std::string consumer,
                                          std::optional<std::vector<base::Uuid>> only, base::TimePoint deadline);
  struct NackResult {
    std::size_t requeued = 0;
    std::size_t dead = 0;
  };
  /// Returns after what is dead is in dead_letters. Throws base::Error(expired) at the deadline; the move goes on all the same.
  boost::asio::awaitable<NackResult> nack(base::Uuid lease_id, std::string consumer,
                                          std::optional<std::vector<base::Uuid>> only, bool dead, std::string reason,
                                          base::Duration delay, bool in_history, base::TimePoint deadline);
  /// Nobody got the response with this lease.
  void take_back_grant(const base::Uuid& lease_id);
  /// From now on; false when the lease is gone.
  bool extend(const base::Uuid& lease_id, const std::string& consumer, base::Duration duration);

  const std::string& name() const { return name_; }
  const MessageTable& messages() const { return messages_; }
  const TopicCounts& counts() const { return counts_; }
  std::size_t partitions_behind() const { return plan_.behind(); }

  void touch() { last_used_ = base::Clock::now(); }
  base::TimePoint last_used() const { return last_used_; }

 private:
  Memory held() const override { return messages_.held(); }
  void room_freed() override { wake(); }
  /// Messages have left memory: whoever waits for that, or for room.
  void tell_freed();
  Room room();
  boost::asio::awaitable<void> poll_loop();
  boost::asio::awaitable<bool> poll_pass();
  boost::asio::awaitable<bool> trusted(const PollResult& reply);
  void begin_again();
  bool take_in(const PollRequest& request, PollResult reply);
  boost::asio::awaitable<void> adopt_foreign_rows();
  boost::asio::awaitable<void> upkeep_loop();
  boost::asio::awaitable<void> persist_attempts();
  boost::asio::awaitable<void> until_left(std::vector<std::int64_t> ids, base::TimePoint deadline);
  boost::asio::awaitable<void> until_loaded();
  struct Burial;
  boost::asio::awaitable<bool> bury_by(std::vector<Write> writes, base::TimePoint deadline);
  boost::asio::awaitable<void> bury_and_tell(std::vector<Write> writes, std::shared_ptr<Burial> burial);
  boost::asio::awaitable<bool> bury(std::vector<Write> writes);
  static std::vector<Write> next_burial(const std::vector<Write>& writes, std::size_t first);
  boost::asio::awaitable<bool> bury_batch(std::vector<Write> writes, ServerId server);
  enum class Buried { yes, other_server, failed };
  boost::asio::awaitable<Buried> try_bury(std::vector<Write> writes, ServerId server);
  boost::asio::awaitable<void> sweep_loop();
  boost::asio::awaitable<void> sweep();
  void raise_floors(const std::vector<PollPlan::Seen>& seen);
  void failed(const char* what, const std::exception& error);

  boost::asio::io_context& owner_;
  std::string name_;
  TopicOptions options_;
  Stores stores_;
  AckCommitter& ack_committer_;
  Incarnation& incarnation_;
  OwnershipLease& ownership_lease_;
  PollSlots& slots_;
  MessageTable messages_;
  MemoryShare share_;  ///< of messages_
  PollPlan plan_;
  TopicCounts counts_;
  base::Signal wake_;    ///< poll now: a hint, or memory was freed
  base::Signal ready_;   ///< something can be leased
  base::Signal upkeep_;  ///< something must be written, or a deadline moved
  base::Signal ending_;
  base::TaskGroup loops_;
  std::vector<int> owned_;
  ServerId server_;                      ///< that memory came from; what follows from memory carries it
  std::uint64_t generation_ = 0;         ///< of the incarnation that memory came from
  bool loaded_ = false;                  ///< a first pass has brought what there was
  std::map<int, std::uint64_t> floors_;  ///< by partition, where the next sweep begins
  std::uint64_t assignments_ = 0;        ///< of partitions
  bool foreign_checked_ = false;
  bool hinted_ = false;  ///< since the last pass began
  bool outage_ = false;
  bool stopping_ = false;
  base::TimePoint last_used_ = base::Clock::now();  ///< by a request
};

}  // namespace prompted::mqreader
