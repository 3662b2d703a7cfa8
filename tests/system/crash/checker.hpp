#pragma once
// Decides what must hold at the end of a run, from sets alone: no database, no running clock. checker_test.cpp plants
// faults and checks that they are found.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

namespace prompted::test::crash {

/// A message as published. `sequence` is unique within a run and appears in the payload twice.
struct Sent {
  std::string uuid;
  std::uint64_t sequence = 0;
  bool poison = false;
  bool acknowledged =
      false;  ///< its publish got 2xx; otherwise its client stopped retrying and either outcome is valid
  std::chrono::steady_clock::time_point sent_at{};       ///< start of the acknowledged attempt
  std::chrono::steady_clock::time_point responded_at{};  ///< end of the acknowledged attempt
};

/// A row of telemetry, or of dead_letters.
struct Found {
  std::string uuid;
  std::uint64_t sequence = 0;  ///< from labels_raw; 0 when it has none
  bool intact = true;          ///< the rest of the content matches the sequence
  int attempts = 0;            ///< dead letters only
};

struct Promotion {
  std::chrono::steady_clock::time_point complete{};  ///< the standby had every commit up to this time
  std::chrono::steady_clock::time_point silence{};   ///< no later response of the old primary got through
};

struct Evidence {
  std::vector<Sent> sent;
  std::vector<Found> telemetry;
  std::vector<Found> dead_letters;
  std::size_t left_in_queue = 0;
  std::vector<Promotion> promotions;
  /// Uuids found on the new primary by a promotion.
  std::unordered_set<std::string> survived;
  bool synchronous = false;  ///< synchronous replication: every confirmed commit is on the standby too
};

/// A message is owed if its publish was acknowledged, or if a promotion found it on the new primary. Exception: with
/// asynchronous replication, a message that the promotion did not find is not owed if it was acknowledged after the
/// standby was last complete, by an attempt sent before the old primary fell silent. It may have been lost with that
/// primary.
struct Verdict {
  std::size_t acknowledged = 0;           ///< messages
  std::size_t lost = 0;                   ///< owed, and in neither place
  std::size_t lost_with_old_primary = 0;  ///< acknowledged, not owed, and in neither place
  std::size_t never_sent = 0;             ///< in telemetry or dead_letters, with a uuid and content never published
  std::size_t duplicated = 0;             ///< rows of telemetry beyond the first of their content
  std::size_t in_both = 0;                ///< in telemetry and in dead_letters
  std::size_t wrongly_dead = 0;           ///< good messages in dead_letters
  std::size_t poison_sent = 0;            ///< acknowledged, and not lost with an old primary
  std::size_t poison_in_telemetry = 0;
  std::size_t poison_given_up = 0;  ///< in dead_letters, from publishes never acknowledged
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
