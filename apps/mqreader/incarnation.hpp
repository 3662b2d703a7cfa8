#pragma once
// Whether the server is still the one whose xids we know. After a crash Postgres assigns again the xids of transactions
// that never reached the WAL, below a reader's snapshot: then everything is read again (QUEUE.md section 1). Plain.
#include <cstdint>
#include <string>

namespace prompted::mqreader {

class Incarnation {
 public:
  enum class Verdict {
    same,     ///< the reply can be trusted
    changed,  ///< discard it: a new generation began
    empty,    ///< discard it and insert a new incarnation: crash recovery emptied the table
  };

  Verdict observe(const std::string& incarnation, const std::string& server_start) {
    if (incarnation.empty()) return Verdict::empty;
    const bool first = known_.empty();
    if (!first && incarnation == known_ && server_start == server_start_) return Verdict::same;
    known_ = incarnation;
    server_start_ = server_start;
    if (first) return Verdict::same;
    ++generation_;
    return Verdict::changed;
  }
  /// Whether a reply is of the server that the last poll saw.
  bool is(const std::string& incarnation, const std::string& server_start) const {
    return incarnation == known_ && server_start == server_start_;
  }
  /// A poller that holds an older one must start again.
  std::uint64_t generation() const { return generation_; }

 private:
  std::string known_;
  std::string server_start_;
  std::uint64_t generation_ = 1;
};

}  // namespace prompted::mqreader
