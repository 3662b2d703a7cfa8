#pragma once
// What must be true in the end, judged from sets alone: no database, no clock that goes. Its own test plants faults and
// sees them found.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

namespace prompted::test::crash {

/// A message as the publisher made it. `sequence` is unique in a run and travels inside the payload, twice.
struct Sent {
  std::string uuid;
  std::uint64_t sequence = 0;
  bool poison = false;
  bool acknowledged = false;  ///< its publish was answered 2xx; else its client gave up and its fate is open
  std::chrono::steady_clock::time_point sent_at{};       ///< the try that was acknowledged: not before this
  std::chrono::steady_clock::time_point responded_at{};  ///< and its answer: not after this
};

/// A row of telemetry, or of dead_letters.
struct Found {
  std::string uuid;
  std::uint64_t sequence = 0;  ///< from labels_raw; 0 when it has none
  bool intact = true;          ///< the rest of the content is that of this sequence
  int attempts = 0;            ///< dead letters only
};

struct Promotion {
  std::chrono::steady_clock::time_point complete{};  ///< the standby had all that was committed until here
  std::chrono::steady_clock::time_point silence{};   ///< no answer that the old primary gave later came through
};

struct Evidence {
  std::vector<Sent> sent;
  std::vector<Found> telemetry;
  std::vector<Found> dead_letters;
  std::size_t left_in_queue = 0;
  std::vector<Promotion> promotions;
  /// Uuids that a promotion found on its new primary.
  std::unordered_set<std::string> survived;
  bool synchronous = false;  ///< replication: every commit that was answered is on the standby too
};

/// A message is owed when its publish was acknowledged, or when a promotion found it on the new primary. What a
/// promotion did not find is not owed when replication was asynchronous and it was acknowledged after the standby had
/// last been complete, by a try that was sent before the old primary fell silent: it may have gone with it.
struct Verdict {
  std::size_t acknowledged = 0;           ///< messages
  std::size_t lost = 0;                   ///< owed, and in neither place
  std::size_t lost_with_old_primary = 0;  ///< acknowledged, not owed, and in neither place
  std::size_t never_sent = 0;    ///< in telemetry or dead_letters, and no such uuid and content was ever published
  std::size_t duplicated = 0;    ///< rows of telemetry beyond the first of their content
  std::size_t in_both = 0;       ///< in telemetry and in dead_letters
  std::size_t wrongly_dead = 0;  ///< good messages in dead_letters
  std::size_t poison_sent = 0;   ///< acknowledged, and not lost with an old primary
  std::size_t poison_in_telemetry = 0;
  std::size_t poison_given_up = 0;  ///< in dead_letters, of publishes that nobody acknowledged
  std::size_t dead_letters = 0;
  std::size_t left_in_queue = 0;
  int most_attempts = 0;
  std::vector<std::string> examples;  ///< a few of each fault

  bool good() const {
    return lost + never_sent + duplicated + in_both + wrongly_dead + poison_in_telemetry + left_in_queue == 0;
  }
};

Verdict judge(const Evidence& evidence);

}  // namespace prompted::test::crash
