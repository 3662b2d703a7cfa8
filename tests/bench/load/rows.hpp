#pragma once
// What the load is made of: rows as dcgm-exporter has them, 256 GPUs, each message's JSON exactly `row_bytes` long.
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "models/telemetry_row.hpp"

namespace prompted::bench {

inline constexpr std::size_t row_bytes = 450;
inline constexpr int gpu_count = 256;
inline constexpr int metric_count = 8;
inline constexpr int partition_count = 256;  // MQ_PARTITION_COUNT's default

struct Row {
  std::string json;          ///< its timestamp is a placeholder
  std::size_t stamp_at = 0;  ///< where that begins in `json`
  int partition = 0;
  models::TelemetryRow telemetry;  ///< what the collector makes of it
};

/// All metrics of all GPUs: 2,048 rows, GPUs next to each other differ.
std::vector<Row> make_rows();

/// A timestamp's text over a placeholder.
void stamp(std::string& text, std::size_t at, base::Instant when);

/// A publish of some rows, sent again and again: only the timestamps change.
class PublishBody {
 public:
  PublishBody(const std::string& topic, std::span<const Row> rows);
  /// Each row gets its own microsecond from `first` on.
  const std::string& stamped(base::Instant first);
  std::size_t rows() const { return stamps_.size(); }

 private:
  std::string text_;
  std::vector<std::size_t> stamps_;
};

/// The rows cut into bodies of `batch` rows (or one of fewer, when there are not that many).
std::vector<PublishBody> make_bodies(const std::string& topic, const std::vector<Row>& rows, std::size_t batch,
                                     std::size_t first_row);

}  // namespace prompted::bench
