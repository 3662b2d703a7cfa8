#include "collector/leased_batch.hpp"

#include <unordered_set>
#include <utility>

namespace prompted::collector {

LeasedBatch::LeasedBatch(models::LeaseResponse response)
    : rows_(std::move(response.rows)),
      poison_(std::move(response.poison)),
      unparsed_(poison_.size()),
      pending_(rows_.size()) {}

std::span<const models::TelemetryRow> LeasedBatch::next() const {
  if (pending_.done()) return {};
  const auto range = pending_.next();
  return std::span(rows_).subspan(range.first, range.size());
}

void LeasedBatch::inserted(const std::vector<base::Uuid>& other_content) {
  pending_.accepted();
  some_inserted_ = true;
  models::NackVerdict verdict;
  verdict.reason = "msg_uuid: is in the history with another content";
  verdict.in_history = true;
  for (const base::Uuid& uuid : other_content) poison_.emplace_back(uuid, verdict);
}

void LeasedBatch::refused(const std::string& reason) {
  if (const auto row = pending_.refused()) poison_.emplace_back(rows_[*row].uuid, reason);
}

void LeasedBatch::failed(const std::string& reason, bool others_pass) {
  const auto row = pending_.refused();
  if (!row) return;
  if (!some_inserted_ && !others_pass) return failed_.push_back(*row);
  models::NackVerdict verdict;
  verdict.reason = reason;
  verdict.dead = false;
  poison_.emplace_back(rows_[*row].uuid, verdict);
}

bool LeasedBatch::conclude() {
  for (const std::size_t row : std::exchange(failed_, {})) pending_.add(row);
  return pending_.done();
}

std::vector<base::Uuid> LeasedBatch::persisted() const {
  std::unordered_set<base::Uuid> rejected;
  for (const models::Poison& message : poison_) rejected.insert(message.msg_uuid);
  std::vector<base::Uuid> uuids;
  uuids.reserve(rows_.size());
  for (const models::TelemetryRow& row : rows_) {
    if (!rejected.contains(row.uuid)) uuids.push_back(row.uuid);
  }
  return uuids;
}

std::map<models::NackVerdict, std::vector<base::Uuid>> by_verdict(const std::vector<models::Poison>& poison,
                                                                  std::size_t most_bytes) {
  std::map<models::NackVerdict, std::vector<base::Uuid>> groups;
  for (const models::Poison& message : poison) {
    models::NackVerdict verdict = message.verdict;
    verdict.reason = std::string(models::cut_to_bytes(verdict.reason, most_bytes));
    groups[std::move(verdict)].push_back(message.msg_uuid);
  }
  return groups;
}

}  // namespace prompted::collector
