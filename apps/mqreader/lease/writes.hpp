#pragma once
// Writes that must commit before anything else happens to a message.
#include <cstddef>
#include <memory>
#include <string>

#include "mqreader/message.hpp"

namespace prompted::mqreader {

/// The number of a message's next delivery, which is persisted before that delivery.
struct AttemptWrite {
  MessageKey key;
  int attempts = 0;
};

/// A message on its way to dead_letters.
struct DeadMessage {
  MessageKey key;
  int attempts = 0;
  std::shared_ptr<const std::string> reason;  ///< held once for all messages of a nack
  bool in_history = false;                    ///< the history has its id with another content
  std::size_t payload_bytes = 0;
};

}  // namespace prompted::mqreader
