#pragma once
// What /v1/partitions and the gauges say of the broker's memory.
#include "models/partitions.hpp"
#include "mqreader/broker.hpp"

namespace prompted::mqreader {

/// Every owned partition, summed over topics; walks all messages in memory.
models::ReaderState overview(const Broker& broker);

}  // namespace prompted::mqreader
