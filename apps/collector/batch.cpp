#include "collector/batch.hpp"

#include <unordered_set>
#include <utility>

namespace prompted::collector {

Batch::Batch(models::LeaseReply reply)
    : rows_(std::move(reply.rows)), poison_(std::move(reply.poison)), unparsed_(poison_.size()) {
  if (!rows_.empty()) pending_.push_back({0, rows_.size()});
}

std::span<const models::TelemetryRow> Batch::next() const {
  if (pending_.empty()) return {};
  const Range range = pending_.back();
  return std::span(rows_).subspan(range.first, range.last - range.first);
}

void Batch::inserted(const std::vector<base::Uuid>& other_content) {
  pending_.pop_back();
  some_inserted_ = true;
  models::NackVerdict verdict;
  verdict.reason = "msg_uuid: is in the history with another content";
  verdict.in_history = true;
  for (const base::Uuid& uuid : other_content) poison_.emplace_back(uuid, verdict);
}

void Batch::split(Range range) {
  const std::size_t middle = range.first + (range.last - range.first) / 2;
  pending_.push_back({middle, range.last});
  pending_.push_back({range.first, middle});
}

void Batch::refused(const std::string& reason) {
  const Range range = pending_.back();
  pending_.pop_back();
  if (range.last - range.first > 1) split(range);
  else poison_.emplace_back(rows_[range.first].uuid, reason);
}

void Batch::failed(const std::string& reason, bool others_pass) {
  const Range range = pending_.back();
  pending_.pop_back();
  if (range.last - range.first > 1) return split(range);
  if (!some_inserted_ && !others_pass) return failed_.push_back(range.first);
  models::NackVerdict verdict;
  verdict.reason = reason;
  verdict.dead = false;
  poison_.emplace_back(rows_[range.first].uuid, verdict);
}

bool Batch::conclude() {
  for (const std::size_t row : std::exchange(failed_, {})) {
    if (!pending_.empty() && pending_.back().last == row) ++pending_.back().last;
    else pending_.push_back({row, row + 1});
  }
  return pending_.empty();
}

std::vector<base::Uuid> Batch::persisted() const {
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
