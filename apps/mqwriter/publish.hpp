#pragma once
// One accepted publish that waits for its commit.
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/uuid.hpp"

namespace prompted::mqwriter {

/// Bytes that a message costs beside its text: its entries in `messages` and in the arrays of a flush.
inline constexpr std::size_t message_overhead = 128;

/// Built by the handler, read by a database thread while a flush runs, changed by the owner only.
struct Publish {
  struct Message {
    std::string_view text;  ///< its JSON, inside `body`
    base::Uuid uuid;
    int partition = 0;
  };

  std::string body;  ///< owns the texts: must not move after the scan
  std::string topic;
  std::vector<Message> messages;
  std::size_t bytes = 0;  ///< of all texts, and message_overhead each
  bool keyed = false;     ///< has an Idempotency-Key: duplicates are possible and counted
  base::TimePoint arrived{};
  base::TimePoint deadline{};
};

}  // namespace prompted::mqwriter
