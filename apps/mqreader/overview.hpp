#pragma once
// State of the broker's memory for /v1/partitions and the gauges.
#include "models/partitions.hpp"
#include "mqreader/broker.hpp"

namespace prompted::mqreader {

/// Returns every owned partition, summed over topics. Walks all messages in memory.
models::ReaderState overview(const Broker& broker);

}  // namespace prompted::mqreader
