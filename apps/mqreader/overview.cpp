#include "mqreader/overview.hpp"

#include <algorithm>

#include "base/time.hpp"

namespace prompted::mqreader {

models::ReaderState overview(const Broker& broker) {
  std::map<int, MessageTable::Depth> sum;
  for (const auto& [name, topic] : broker.topics()) {
    for (const auto& [key, depth] : topic->messages().depths()) {
      auto& total = sum[key];
      total.messages += depth.messages;
      total.leased += depth.leased;
      const bool older = total.oldest_created == 0 || depth.oldest_created < total.oldest_created;
      if (older) total.oldest_created = depth.oldest_created;
    }
  }
  const double now = std::chrono::duration<double>(base::now_utc().time_since_epoch()).count();
  models::ReaderState state;
  state.reader_id = base::to_string(broker.reader_id());
  state.partition_count = broker.partition_count();
  for (int key : broker.partitions()) {
    const auto found = sum.find(key);
    models::PartitionState partition;
    partition.partition = key;
    if (found != sum.end()) {
      partition.depth = found->second.messages;
      partition.in_flight = found->second.leased;
      partition.oldest_age_seconds = std::max(0.0, now - found->second.oldest_created);
    }
    state.partitions.push_back(partition);
  }
  return state;
}

}  // namespace prompted::mqreader
