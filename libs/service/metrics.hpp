#pragma once
// An app's metrics at GET /metrics, in the Prometheus text format 0.0.4. Plain classes count in plain structs; each
// scrape converts these to samples on the owner's thread.
#include <array>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.hpp"

namespace prompted::service {

/// Counts durations into fixed buckets (seconds): plain data of its owner.
class Histogram {
 public:
  static constexpr std::array<double, 14> bounds{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                                 0.1,    0.25,  0.5,    1,     2.5,  5,     10};

  void observe(base::Duration duration);
  const std::array<std::uint64_t, bounds.size() + 1>& counts() const {
    return counts_;
  }  ///< not cumulative; last: above all
  double sum_seconds() const { return sum_; }

 private:
  std::array<std::uint64_t, bounds.size() + 1> counts_{};
  double sum_ = 0;
};

/// Collects samples under `prompted_<service>_`. Families are made by their first sample; names are base units,
/// counters end in _total.
class MetricsWriter {
 public:
  using Labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

  explicit MetricsWriter(std::string_view service);
  ~MetricsWriter();
  void counter(std::string_view name, std::string_view help, double value, Labels labels = {});
  void gauge(std::string_view name, std::string_view help, double value, Labels labels = {});
  void histogram(std::string_view name, std::string_view help, const Histogram& histogram, Labels labels = {});
  /// Writes a count and a total duration as two samples, name_count and name_sum.
  void summary(std::string_view name, std::string_view help, std::uint64_t count, base::Duration sum,
               Labels labels = {});
  /// The text format.
  std::string text() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace prompted::service
