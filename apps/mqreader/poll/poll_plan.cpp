#include "mqreader/poll/poll_plan.hpp"

#include <algorithm>
#include <map>
#include <stdexcept>
#include <unordered_map>

namespace prompted::mqreader {

namespace {

constexpr std::int64_t most_rows_per_partition = 1000;
constexpr std::int64_t least_page_rows = 16;

bool same(const std::shared_ptr<const std::string>& a, const std::shared_ptr<const std::string>& b) {
  if (a == b) return true;
  return a && b && *a == *b;
}

/// What one page brought of one partition.
struct Portion {
  std::int64_t rows = 0;
  Cursor last;
};

std::unordered_map<int, Portion> portions_of(const PollResult& result) {
  std::unordered_map<int, Portion> portions;
  for (const Row& row : result.rows) {
    Portion& portion = portions[row.partition];
    const bool ascends = row.xid > portion.last.xid || (row.xid == portion.last.xid && row.id > portion.last.id);
    if (!ascends) throw std::logic_error("poll rows of a partition do not ascend");
    portion.last = {row.xid, row.id};
    ++portion.rows;
  }
  return portions;
}

}  // namespace

void PollPlan::set_partitions(const std::vector<int>& owned) {
  std::vector<int> keys = owned;
  std::sort(keys.begin(), keys.end());
  const auto empty = std::make_shared<const std::string>(empty_snapshot);
  std::vector<Partition> next;
  for (int key : keys) {
    if (Partition* known = find(key)) next.push_back(std::move(*known));
    else next.push_back({key, ++epochs_, empty, nullptr, {}, false});
  }
  partitions_ = std::move(next);
}

void PollPlan::restart() {
  const auto empty = std::make_shared<const std::string>(empty_snapshot);
  for (auto& partition : partitions_) partition = {partition.key, ++epochs_, empty, nullptr, {}, false};
  pass_target_.reset();
}

void PollPlan::begin_pass() {
  for (auto& partition : partitions_) partition.asked = false;
  pass_target_.reset();
  short_of_room_ = false;
  ++rotation_;
}

std::optional<PollRequest> PollPlan::next(Room room, int page) {
  for (const bool behind : {true, false}) {
    const std::int64_t available = behind ? room.backlog : room.fresh;
    for (auto& partition : partitions_) {
      if (partition.asked || (partition.target != nullptr) != behind) continue;
      if (available <= 0) {
        partition.asked = true;  // its turn comes in a later pass
        short_of_room_ = true;
        continue;
      }
      return request_for(partition, available, behind ? room.backlog_bytes : room.bytes, page);
    }
  }
  return std::nullopt;
}

PollRequest PollPlan::request_for(const Partition& first, std::int64_t rows, std::int64_t bytes, int page) {
  const Snapshot base = first.base;
  const Snapshot target = first.target;
  PollRequest request;
  request.base = *base;
  request.backlog = target != nullptr;
  if (target) request.target = *target;
  else if (pass_target_) request.target = *pass_target_;
  const std::size_t count = partitions_.size();
  for (std::size_t i = 0; i < count; ++i) {
    Partition& partition = partitions_[(i + rotation_) % count];
    if (partition.asked || !same(partition.base, base) || !same(partition.target, target)) continue;
    if (request.partitions.size() == partitions_at_once_) break;  // another request of this pass has the others
    partition.asked = true;
    request.partitions.push_back(partition.key);
    request.cursors.push_back(partition.cursor);
    request.epochs.push_back(partition.epoch);
  }
  request.rows = static_cast<int>(std::min<std::int64_t>({page, rows, page_rows_}));
  request.bytes = std::clamp(bytes, least_page_bytes, most_page_bytes);
  request.rows_per_partition = static_cast<int>(std::min<std::int64_t>(most_rows_per_partition, request.rows));
  return request;
}

void PollPlan::timed_out() {
  partitions_at_once_ = std::max<std::size_t>(1, std::min(partitions_at_once_, partitions_.size()) / 2);
}

bool PollPlan::apply(const PollRequest& request, const PollResult& result) {
  partitions_at_once_ = std::min(2 * partitions_at_once_, most_partitions_at_once);
  const auto portions = portions_of(result);
  const auto target = std::make_shared<const std::string>(result.snapshot);
  if (!pass_target_ && !request.backlog) pass_target_ = target;
  const bool cut = result.cut || static_cast<std::int64_t>(result.rows.size()) >= request.rows;
  page_rows_ = result.cut ? std::max<std::int64_t>(least_page_rows, 2 * static_cast<std::int64_t>(result.rows.size()))
                          : std::min(2 * page_rows_, most_page_rows);
  bool reached_cut = false;  // partitions from the last row's on have not been read to their end
  bool more = false;
  for (std::size_t i = 0; i < request.partitions.size(); ++i) {
    const auto found = portions.find(request.partitions[i]);
    if (cut && found != portions.end() && request.partitions[i] == result.rows.back().partition) reached_cut = true;
    const bool behind = reached_cut || (found != portions.end() && found->second.rows >= request.rows_per_partition);
    more = more || behind;
    Partition* partition = find(request.partitions[i]);
    if (partition == nullptr || partition->epoch != request.epochs[i]) continue;
    if (behind) {
      partition->target = target;
      if (found != portions.end()) partition->cursor = found->second.last;
    } else {
      partition->base = target;
      partition->target.reset();
      partition->cursor = {};
    }
  }
  // A backlog is read up to the snapshot that began it. Rows committed since wait for their partitions' next request.
  return more || request.backlog;
}

std::size_t PollPlan::behind() const {
  return static_cast<std::size_t>(
      std::count_if(partitions_.begin(), partitions_.end(), [](const auto& p) { return p.target != nullptr; }));
}

std::vector<PollPlan::Seen> PollPlan::seen() const {
  std::vector<Seen> all;
  for (const auto& partition : partitions_)
    all.push_back(
        {partition.key, *partition.base, partition.target ? *partition.target : empty_snapshot, partition.cursor});
  return all;
}

PollPlan::Partition* PollPlan::find(int key) {
  const auto found =
      std::lower_bound(partitions_.begin(), partitions_.end(), key, [](const auto& p, int k) { return p.key < k; });
  return found != partitions_.end() && found->key == key ? &*found : nullptr;
}

}  // namespace prompted::mqreader
