#include "service/metrics.hpp"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <limits>
#include <map>
#include <vector>

namespace prompted::service {

void Histogram::observe(base::Duration duration) {
  const double seconds = std::chrono::duration<double>(duration).count();
  const auto bucket = std::lower_bound(bounds.begin(), bounds.end(), seconds) - bounds.begin();
  ++counts_[static_cast<std::size_t>(bucket)];
  sum_ += seconds;
}

struct MetricsWriter::Impl {
  std::string prefix;
  std::vector<prometheus::MetricFamily> families;
  std::map<std::string, std::size_t, std::less<>> index;

  prometheus::ClientMetric& sample(std::string_view name, std::string_view help, prometheus::MetricType type,
                                   Labels labels) {
    auto found = index.find(name);
    if (found == index.end()) {
      found = index.emplace(std::string(name), families.size()).first;
      prometheus::MetricFamily family;
      family.name = prefix + std::string(name);
      family.help = help;
      family.type = type;
      families.push_back(std::move(family));
    }
    auto& metric = families[found->second].metric.emplace_back();
    for (const auto& [key, value] : labels) metric.label.push_back({std::string(key), std::string(value)});
    return metric;
  }
};

MetricsWriter::MetricsWriter(std::string_view service) : impl_(std::make_unique<Impl>()) {
  impl_->prefix = "prompted_" + std::string(service) + "_";
}
MetricsWriter::~MetricsWriter() = default;

void MetricsWriter::counter(std::string_view name, std::string_view help, double value, Labels labels) {
  impl_->sample(name, help, prometheus::MetricType::Counter, labels).counter.value = value;
}

void MetricsWriter::gauge(std::string_view name, std::string_view help, double value, Labels labels) {
  impl_->sample(name, help, prometheus::MetricType::Gauge, labels).gauge.value = value;
}

void MetricsWriter::histogram(std::string_view name, std::string_view help, const Histogram& histogram, Labels labels) {
  auto& sample = impl_->sample(name, help, prometheus::MetricType::Histogram, labels).histogram;
  std::uint64_t cumulative = 0;
  for (std::size_t i = 0; i < histogram.counts().size(); ++i) {
    cumulative += histogram.counts()[i];
    const double bound = i < Histogram::bounds.size() ? Histogram::bounds[i] : std::numeric_limits<double>::infinity();
    sample.bucket.push_back({cumulative, bound});
  }
  sample.sample_count = cumulative;
  sample.sample_sum = histogram.sum_seconds();
}

void MetricsWriter::summary(std::string_view name, std::string_view help, std::uint64_t count, base::Duration sum,
                            Labels labels) {
  auto& sample = impl_->sample(name, help, prometheus::MetricType::Summary, labels).summary;
  sample.sample_count = count;
  sample.sample_sum = std::chrono::duration<double>(sum).count();
}

std::string MetricsWriter::text() const { return prometheus::TextSerializer{}.Serialize(impl_->families); }

}  // namespace prompted::service
