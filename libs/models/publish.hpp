#pragma once
// POST /v1/publish (docs/api.md).
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "models/limits.hpp"

namespace prompted::models {

struct PublishMessage {
  std::string_view text;  ///< the message's exact JSON text, inside the body that was scanned
  std::string gpu;        ///< its GPU identity
};

struct PublishRequest {
  std::string topic;
  std::vector<PublishMessage> messages;
};

/// One SAX pass over the body. Throws base::Error(invalid) with the texts of docs/api.md: `invalid JSON: …`, `topic is
/// required`, `topic must not be longer than 255 characters`, `messages must not be empty`, `messages[i]: must be an
/// object`, `messages[i]: gpu_id is required`, `messages[i]: must not contain a NUL character`, `messages[i]: is larger
/// than 256 KiB`, `messages[i]: hostname must not be longer than 256 characters`. The last of repeated keys wins, as in
/// jsonb. Throws base::Error(too_large) for more than max_publish_messages messages: `messages must not hold more than
/// 10000 messages`.
PublishRequest scan_publish(std::string_view body);

/// {"accepted":N,"duplicates":M}
std::string publish_response(std::size_t accepted, std::size_t duplicates);

/// The request body for rows that are already JSON objects.
std::string publish_body(std::string_view topic, const std::vector<std::string>& rows);

}  // namespace prompted::models
