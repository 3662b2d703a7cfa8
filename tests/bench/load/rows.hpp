#pragma once
// The benchmark's rows, as from dcgm-exporter: 256 GPUs, each message's JSON exactly `row_bytes` long.
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
  std::size_t stamp_at = 0;  ///< offset of the timestamp in `json`
  int partition = 0;
  models::TelemetryRow telemetry;  ///< the row that the collector makes of it
};

/// All metrics of all GPUs: 2,048 rows, GPUs next to each other differ.
std::vector<Row> make_rows();

/// Writes a timestamp over a placeholder.
void stamp(std::string& text, std::size_t at, base::Instant when);

/// A reusable publish body of some rows: only the timestamps change.
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

/// Splits the rows into bodies of `batch` rows (or a single smaller one if there are fewer).
std::vector<PublishBody> make_bodies(const std::string& topic, const std::vector<Row>& rows, std::size_t batch,
                                     std::size_t first_row);

}  // namespace prompted::bench
