#include "apigw/bucket_store.hpp"

#include <algorithm>
#include <functional>
#include <tuple>

#include "apigw/format.hpp"
#include "apigw/row_filter.hpp"
#include "apigw/sql.hpp"
#include "base/clock.hpp"

namespace prompted::apigw {

namespace {

using base::Instant;
using std::chrono::microseconds;

constexpr auto longest_page = std::chrono::seconds(1);
constexpr std::int64_t most_buckets = 500;  // of one statement
constexpr microseconds gpu_stretch = std::chrono::hours(24);
constexpr microseconds fleet_stretch = std::chrono::hours(1);
constexpr Instant first_instant = std::chrono::sys_days(std::chrono::year(1) / 1 / 1);
constexpr Instant last_instant =
    std::chrono::sys_days(std::chrono::year(9999) / 12 / 31) + std::chrono::days(1) - microseconds(1);

Instant bucket_of(Instant at, microseconds step) {
  const std::int64_t count = at.time_since_epoch().count();
  const std::int64_t rest = count % step.count();
  return Instant(microseconds(count - rest - (rest < 0 ? step.count() : 0)));
}

/// What the statements of a selection walk: the index of one GPU, of its metrics, of each GPU's metrics, or the fleet's
/// (by time, host, pod or namespace).
enum class Walk { gpu, metrics, metrics_of_each, fleet };

Walk walk_of(const Selection& selection) {
  const bool metrics = !selection.metric_names.empty();
  if (selection.gpu_id) return metrics ? Walk::metrics : Walk::gpu;
  const bool placed = selection.hostname || selection.pod || selection.name_space;
  return metrics && !placed ? Walk::metrics_of_each : Walk::fleet;
}

const pg::Statement& next_statement(Walk walk, bool up) {
  switch (walk) {
    case Walk::gpu:
      return up ? sql::gpu_next_up : sql::gpu_next_down;
    case Walk::metrics:
      return up ? sql::metric_next_up : sql::metric_next_down;
    case Walk::metrics_of_each:
      return up ? sql::fleet_metric_next_up : sql::fleet_metric_next_down;
    case Walk::fleet:
      break;
  }
  return up ? sql::fleet_next_up : sql::fleet_next_down;
}

const pg::Statement& bucket_statement(Walk walk) {
  switch (walk) {
    case Walk::gpu:
      return sql::gpu_buckets;
    case Walk::metrics:
      return sql::metric_buckets;
    case Walk::metrics_of_each:
      return sql::fleet_metric_buckets;
    case Walk::fleet:
      break;
  }
  return sql::fleet_buckets;
}

/// Walks the window in stretches; `from` and `to` bound what is left of it.
class BucketReader {
 public:
  BucketReader(pg::Session& session, const Selection& selection, PageSize size, bool first)
      : session_(session),
        selection_(selection),
        size_(size),
        step_(selection.aggregation->step),
        walk_(walk_of(selection)),
        up_(selection.order == Order::ascending),
        from_(std::max(selection.start.value_or(first_instant), first_instant)),
        to_(std::min(selection.end.value_or(last_instant), last_instant)),
        writer_(selection.format, first) {
    const microseconds longest = selection.gpu_id ? gpu_stretch : fleet_stretch;
    longest_stretch_ = step_ * std::clamp<std::int64_t>(longest / step_, 1, most_buckets);
    if (selection.after) begin_at(selection.after->at);
  }

  Page read() {
    const auto end = base::Clock::now() + longest_page;
    while (from_ <= to_) {
      const auto at = next_row();
      if (!at) return finish(false);
      if (full() || (page_.rows > 0 && base::Clock::now() > end)) return finish(true);
      if (!read_stretch(bucket_of(*at, step_))) return finish(true);
    }
    return finish(false);
  }

 private:
  void begin_at(Instant bucket) {
    if (up_) from_ = std::max(from_, bucket);
    else to_ = std::min<Instant>(to_, bucket + step_ - microseconds(1));
  }

  bool full() const {
    return static_cast<long>(page_.rows) >= size_.rows || writer_.size() >= static_cast<std::size_t>(size_.bytes);
  }

  /// The instant of the next row in what is left.
  std::optional<Instant> next_row() {
    RowFilter filter(selection_);
    filter.set_bounds(from_, to_);
    const pqxx::result found = filter.exec(session_, next_statement(walk_, up_));
    if (found.empty()) return std::nullopt;
    return instant_of(found[0][0].c_str());
  }

  /// False: the page was full before the stretch's end.
  bool read_stretch(Instant bucket) {
    const Instant lo = std::max(from_, up_ ? bucket : bucket + step_ - stretch_);
    const Instant hi = std::min(to_, (up_ ? bucket + stretch_ : bucket + step_) - microseconds(1));
    RowFilter filter(selection_);
    filter.set_bounds(lo, hi);
    const pqxx::result rows = filter.exec(session_, bucket_statement(walk_),
                                          std::to_string(selection_.aggregation->step.count()) + " milliseconds",
                                          selection_.aggregation->function);
    for (pqxx::result::size_type i = 0; i < rows.size(); ++i) {
      const bool added = add(rows[up_ ? i : rows.size() - 1 - i]);
      if (!added) return false;
    }
    if (up_) from_ = hi + microseconds(1);
    else to_ = lo - microseconds(1);
    stretch_ = std::min(2 * stretch_, longest_stretch_);
    return true;
  }

  bool add(const pqxx::row& row) {
    Place place;
    place.at = instant_of(row[0].c_str()).value_or(last_instant);
    place.gpu_id = row[1].c_str();
    place.metric_name = row[2].c_str();
    if (selection_.after && !behind(place, *selection_.after)) return true;
    // Without a limit a bucket stays whole: continuing inside it would compute all of it again.
    if (full() && (selection_.limit || place.at != last_.at)) return false;
    BucketTexts texts;
    texts.timestamp = row[0].c_str();
    texts.gpu_id = row[1].c_str();
    texts.metric_name = row[2].c_str();
    texts.value = or_null(row[3]);
    writer_.add(texts);
    ++page_.rows;
    last_ = std::move(place);
    return true;
  }

  bool behind(const Place& place, const Place& key) const {
    const auto a = std::tie(place.at, place.gpu_id, place.metric_name);
    const auto b = std::tie(key.at, key.gpu_id, key.metric_name);
    return up_ ? b < a : a < b;
  }

  Page finish(bool more) {
    page_.entries = std::move(writer_.text());
    page_.digest = std::hash<std::string_view>{}(page_.entries);
    if (more) page_.next = std::move(last_);
    return std::move(page_);
  }

  pg::Session& session_;
  const Selection& selection_;
  PageSize size_;
  microseconds step_;
  Walk walk_;
  bool up_;
  Instant from_;
  Instant to_;
  microseconds stretch_ = step_;  ///< doubles: a small page reads little, a long one in long stretches
  microseconds longest_stretch_{};
  EntryWriter writer_;
  Page page_;
  Place last_;
};

}  // namespace

Page bucket_page(pg::Session& session, const Selection& selection, PageSize size, bool first) {
  return BucketReader(session, selection, size, first).read();
}

}  // namespace prompted::apigw
