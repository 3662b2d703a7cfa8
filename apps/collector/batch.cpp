#include "collector/batch.hpp"

#include <unordered_set>

namespace prompted::collector {

namespace {

/// Never inside a UTF-8 character: JSON must stay valid.
std::string cut(const std::string& text, std::size_t most_bytes) {
  if (text.size() <= most_bytes) return text;
  std::size_t end = most_bytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end);
}

}  // namespace

Batch::Batch(models::LeaseReply reply)
    : rows_(std::move(reply.rows)), poison_(std::move(reply.poison)), unparsed_(poison_.size()) {
  if (!rows_.empty()) pending_.push_back({0, rows_.size()});
}

std::span<const models::TelemetryRow> Batch::next() const {
  if (pending_.empty()) return {};
  const Range range = pending_.back();
  return std::span(rows_).subspan(range.first, range.last - range.first);
}

void Batch::inserted() { pending_.pop_back(); }

void Batch::refused(const std::string& reason) {
  const Range range = pending_.back();
  pending_.pop_back();
  if (range.last - range.first == 1) {
    poison_.emplace_back(rows_[range.first].uuid, reason);
    return;
  }
  const std::size_t middle = range.first + (range.last - range.first) / 2;
  pending_.push_back({middle, range.last});
  pending_.push_back({range.first, middle});
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

std::map<std::string, std::vector<base::Uuid>> by_reason(const std::vector<models::Poison>& poison,
                                                         std::size_t most_bytes) {
  std::map<std::string, std::vector<base::Uuid>> groups;
  for (const models::Poison& message : poison) groups[cut(message.reason, most_bytes)].push_back(message.msg_uuid);
  return groups;
}

}  // namespace prompted::collector
