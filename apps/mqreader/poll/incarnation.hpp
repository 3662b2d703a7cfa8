#pragma once
// Detects whether the server is still the one whose rows are in memory. After a crash Postgres assigns again the xids
// of transactions that never reached the WAL, below a reader's snapshot; after a failover to a standby it may lack what
// the old primary had committed, and so may the history. Then everything is read again, and no lease or ack of before
// counts. Plain.
#include <cstdint>
#include <string>

namespace prompted::mqreader {

/// One life of one server: the value in queue_incarnation, which is UNLOGGED (crash recovery and promotion empty it),
/// and the postmaster's start. Statements that follow from what is in memory carry it and do nothing on another server.
struct ServerId {
  std::string incarnation;
  std::string start;  ///< seconds since 1970
  friend bool operator==(const ServerId&, const ServerId&) = default;
};

class Incarnation {
 public:
  enum class Verdict {
    same,     ///< the result can be trusted
    changed,  ///< discard it: a new generation began
    empty,    ///< discard it and insert a new incarnation: crash recovery emptied the table
  };

  Verdict observe(const ServerId& seen) {
    if (seen.incarnation.empty()) return Verdict::empty;
    const bool first = known_.incarnation.empty();
    if (!first && seen == known_) return Verdict::same;
    known_ = seen;
    if (first) return Verdict::same;
    ++generation_;
    return Verdict::changed;
  }
  /// Records that a statement that carried `id` reached another server. Topics that hold rows of `id` restart with
  /// their next poll.
  void is_gone(const ServerId& id) {
    if (id != known_) return;
    known_ = {};
    ++generation_;
  }
  /// Whether a result is of the server that the last poll saw.
  bool is(const ServerId& id) const { return id == known_; }
  const ServerId& known() const { return known_; }
  /// A poller that holds an older one must start again.
  std::uint64_t generation() const { return generation_; }

 private:
  ServerId known_;
  std::uint64_t generation_ = 1;
};

}  // namespace prompted::mqreader
