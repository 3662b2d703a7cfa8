#pragma once
// A message as it comes from Postgres and as it lives in memory.
#include <cstdint>
#include <string>

#include "base/clock.hpp"
#include "base/uuid.hpp"

namespace prompted::mqreader {

/// A row of queue_messages.
struct Row {
  std::int64_t id = 0;
  std::uint64_t xid = 0;
  int partition = 0;
  base::Uuid uuid;
  int attempts = 0;     ///< deliveries that were persisted
  double created = 0;   ///< seconds since 1970, the server's clock
  std::string payload;  ///< JSON text
};

/// The queue's key of a message: ids alone can recur after a failover (QUEUE.md).
struct MessageKey {
  std::int64_t id = 0;
  base::Uuid uuid;
};

}  // namespace prompted::mqreader
