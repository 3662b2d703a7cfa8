#pragma once
// The reader's counts as Prometheus samples.
#include "mqreader/broker.hpp"
#include "service/metrics.hpp"

namespace prompted::mqreader {

void write_metrics(service::MetricsWriter& metrics, const Broker& broker);
void write_backlog(service::MetricsWriter& metrics, const BacklogView& backlog);

}  // namespace prompted::mqreader
