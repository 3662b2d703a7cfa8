#pragma once
// One lease's rows: which to insert next, and which are at fault. A plain decision.
#include <algorithm>
#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/halves.hpp"
#include "models/lease_response.hpp"
#include "models/limits.hpp"

namespace prompted::collector {

/// All rows go in one statement. If PostgreSQL refuses it for its data, the rows are halved until the faulty one is
/// alone: that one is poison, the rest is inserted. If it fails for a reason that may be one row's fault, the rows are
/// halved, too. A row that fails alone after another one, of this batch or another, was inserted is rejected. A row
/// that failed before any insert is retried, because it may have been an outage.
class LeasedBatch {
 public:
  explicit LeasedBatch(models::LeaseResponse response);

  /// Nothing is left to insert.
  bool done() const { return pending_.done(); }
  /// The rows of the next statement; not empty unless done(). Valid until the batch is destroyed.
  std::span<const models::TelemetryRow> next() const;
  /// Records the rows of next() as inserted. Those in `other_content` are in the history with other content: dead
  /// letters.
  void inserted(const std::vector<base::Uuid>& other_content = {});
  void refused(const std::string& reason);
  /// `others_pass`: rows of other batches were inserted since this one first failed.
  void failed(const std::string& reason, bool others_pass = false);
  /// Whether rows failed and it is unknown if they or PostgreSQL are at fault.
  bool doubtful() const { return !failed_.empty(); }
  /// Call when done(). Returns false if rows are pending again.
  bool conclude();

  std::size_t messages() const { return rows_.size() + unparsed_; }
  /// Returns every row but the poison, in the order of the lease.
  std::vector<base::Uuid> persisted() const;
  const std::vector<models::Poison>& poison() const { return poison_; }
  bool all_dead() const {
    return std::all_of(poison_.begin(), poison_.end(), [](const auto& message) { return message.verdict.dead; });
  }

 private:
  std::vector<models::TelemetryRow> rows_;
  std::vector<models::Poison> poison_;
  std::size_t unparsed_;
  base::Halves pending_;
  std::vector<std::size_t> failed_;  ///< rows that failed alone before any was inserted, ascending
  bool some_inserted_ = false;
};

/// Groups poison by verdict, because a nack carries one. Each reason is cut between characters to the length that
/// mqreader keeps.
std::map<models::NackVerdict, std::vector<base::Uuid>> by_verdict(const std::vector<models::Poison>& poison,
                                                                  std::size_t most_bytes = models::max_reason_bytes);

}  // namespace prompted::collector
