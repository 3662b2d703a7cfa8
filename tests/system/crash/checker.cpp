#include "system/crash/checker.hpp"

#include <algorithm>
#include <unordered_map>

namespace prompted::test::crash {
namespace {

constexpr std::size_t most_examples = 20;

class Judge {
 public:
  explicit Judge(const Evidence& evidence) : evidence_(evidence) {
    fates_.reserve(evidence.sent.size());
    for (const Sent& sent : evidence.sent) fates_[sent.sequence].sent = &sent;
  }

  Verdict verdict() {
    for (const Found& row : evidence_.telemetry) telemetry(row);
    for (const Found& row : evidence_.dead_letters) dead_letter(row);
    for (const auto& [sequence, fate] : fates_) settle(fate);
    strangers_on_new_primaries();
    verdict_.dead_letters = evidence_.dead_letters.size();
    verdict_.left_in_queue = evidence_.left_in_queue;
    return std::move(verdict_);
  }

 private:
  struct Fate {
    const Sent* sent = nullptr;
    std::size_t in_telemetry = 0;
    std::size_t in_dead_letters = 0;
  };

  void example(const char* fault, const std::string& uuid, std::uint64_t sequence) {
    if (verdict_.examples.size() < most_examples)
      verdict_.examples.push_back(std::string(fault) + ": " + uuid + " sequence " + std::to_string(sequence));
  }

  /// The message with this row's content; nullptr if none was sent.
  Fate* known(const Found& row) {
    const auto fate = fates_.find(row.sequence);
    if (fate != fates_.end() && row.intact) return &fate->second;
    ++verdict_.never_sent;
    example("never sent", row.uuid, row.sequence);
    return nullptr;
  }

  void telemetry(const Found& row) {
    Fate* fate = known(row);
    if (!fate) return;
    if (++fate->in_telemetry > 1) {
      ++verdict_.duplicated;
      example("duplicated in telemetry", row.uuid, row.sequence);
    } else if (fate->sent->uuid != row.uuid) {  // a second row of this content is a duplicate whatever its uuid
      ++verdict_.never_sent;
      example("never sent under this uuid", row.uuid, row.sequence);
    }
  }

  void dead_letter(const Found& row) {
    verdict_.most_attempts = std::max(verdict_.most_attempts, row.attempts);
    Fate* fate = known(row);
    if (!fate) return;
    ++fate->in_dead_letters;
    if (fate->sent->uuid == row.uuid) return;
    ++verdict_.never_sent;
    example("never sent under this uuid", row.uuid, row.sequence);
  }

  void settle(const Fate& fate) {
    const Sent& sent = *fate.sent;
    if (sent.acknowledged) ++verdict_.acknowledged;
    const auto count = [&](bool fault, std::size_t& counter, const char* what) {
      if (!fault) return;
      ++counter;
      example(what, sent.uuid, sent.sequence);
    };
    const bool arrived = fate.in_telemetry > 0;
    const bool died = fate.in_dead_letters > 0;
    if (died && sent.poison && !sent.acknowledged) ++verdict_.poison_given_up;
    const bool missing = !arrived && !died;
    const bool gone_with_old_primary = missing && sent.acknowledged && !owed(sent);
    if (sent.acknowledged && sent.poison && !gone_with_old_primary) ++verdict_.poison_sent;
    if (gone_with_old_primary) ++verdict_.lost_with_old_primary;
    const bool survived = evidence_.survived.contains(sent.uuid);
    count(missing && owed(sent), verdict_.lost, survived ? "lost, and a promotion had found it" : "lost");
    count(arrived && died, verdict_.in_both, "in telemetry and in dead_letters");
    count(died && !sent.poison, verdict_.wrongly_dead, "wrongly dead");
    count(arrived && sent.poison, verdict_.poison_in_telemetry, "poison in telemetry");
  }

  bool owed(const Sent& sent) const {
    if (evidence_.survived.contains(sent.uuid)) return true;
    if (!sent.acknowledged) return false;
    return evidence_.synchronous ||
           std::none_of(evidence_.promotions.begin(), evidence_.promotions.end(), [&](const Promotion& promotion) {
             return sent.sent_at <= promotion.silence && sent.responded_at >= promotion.complete;
           });
  }

  /// Of these, arrived messages have already been counted as rows.
  void strangers_on_new_primaries() {
    std::unordered_set<std::string> known;
    for (const Sent& sent : evidence_.sent) known.insert(sent.uuid);
    for (const auto* rows : {&evidence_.telemetry, &evidence_.dead_letters}) {
      for (const Found& row : *rows) known.insert(row.uuid);
    }
    for (const std::string& uuid : evidence_.survived) {
      if (known.contains(uuid)) continue;
      ++verdict_.never_sent;
      example("never sent, and on a new primary", uuid, 0);
    }
  }

  const Evidence& evidence_;
  std::unordered_map<std::uint64_t, Fate> fates_;
  Verdict verdict_;
};

}  // namespace

Verdict judge(const Evidence& evidence) { return Judge(evidence).verdict(); }

}  // namespace prompted::test::crash
