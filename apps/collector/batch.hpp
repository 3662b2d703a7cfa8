#pragma once
// One lease's rows on their way into Postgres: what to insert next, and which rows are at fault. A plain decision.
#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "models/lease_reply.hpp"

namespace prompted::collector {

/// All rows go in one statement. When Postgres refuses it for its data, the rows are halved until the faulty one stands
/// alone: that one is poison, the rest goes on.
class Batch {
 public:
  explicit Batch(models::LeaseReply reply);

  /// Nothing is left to insert.
  bool done() const { return pending_.empty(); }
  /// The rows of the next statement; not empty unless done(). Valid until the batch is destroyed.
  std::span<const models::TelemetryRow> next() const;
  void inserted();
  void refused(const std::string& reason);

  std::size_t messages() const { return rows_.size() + unparsed_; }
  /// Every row is in, or all but the poison; in the order of the lease.
  std::vector<base::Uuid> persisted() const;
  const std::vector<models::Poison>& poison() const { return poison_; }

 private:
  struct Range {
    std::size_t first;
    std::size_t last;  ///< behind the end
  };
  std::vector<models::TelemetryRow> rows_;
  std::vector<models::Poison> poison_;
  std::size_t unparsed_;
  std::vector<Range> pending_;  ///< a stack: the first rows are on top
};

/// A nack carries one reason: the poison of each reason, each reason cut to `most_bytes` between characters.
std::map<std::string, std::vector<base::Uuid>> by_reason(const std::vector<models::Poison>& poison,
                                                         std::size_t most_bytes = 500);

}  // namespace prompted::collector
