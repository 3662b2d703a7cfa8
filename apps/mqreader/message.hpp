#pragma once
// Types shared by poll/ and lease/: a polled message, its key, and the room left in memory.
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

/// The queue's key of a message: ids alone can recur after a failover (docs/queue.md).
struct MessageKey {
  std::int64_t id = 0;
  base::Uuid uuid;
};

/// How many more messages fit in memory, by kind. Backlog pages may fill at most half of it, so that they do not starve
/// new messages of other partitions.
struct Room {
  std::int64_t fresh = 0;
  std::int64_t backlog = 0;
  std::int64_t bytes = 0;  ///< of payloads, with the same split
  std::int64_t backlog_bytes = 0;
};

}  // namespace prompted::mqreader
