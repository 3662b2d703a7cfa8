#pragma once
// Size limits shared by all daemons, so that none rejects later what another has accepted.
#include <cstddef>
#include <string_view>

namespace prompted::models {

inline constexpr std::size_t max_message_bytes = 256 * 1024;  ///< also as jsonb writes it, with all digits of 1e300
inline constexpr std::size_t max_publish_messages = 10'000;
inline constexpr int max_json_depth = 64;
inline constexpr std::size_t max_topic_characters = 255;  ///< it is part of every index entry
inline constexpr std::size_t max_consumer_characters = 255;
inline constexpr std::size_t max_lease_id_characters = 255;  ///< a UUID has 36; any other text is an unknown lease
inline constexpr std::size_t max_lease_messages = 10'000;    ///< also the maximum of msg_uuids in a request
/// Maximum of a nack's reason, which is kept with every dead letter; longer reasons are truncated.
inline constexpr std::size_t max_reason_bytes = 500;
/// Maximum of a GPU's id and a row's other names (all its texts except labels_raw). apigw's parameters have the same
/// limit, and it is far below that of PostgreSQL's indexes (2,704 bytes).
inline constexpr std::size_t max_name_characters = 256;

/// Truncates valid UTF-8 to at most `most` bytes without splitting a character.
inline std::string_view cut_to_bytes(std::string_view text, std::size_t most) {
  if (text.size() <= most) return text;
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xC0) == 0x80) --most;
  return text.substr(0, most);
}

}  // namespace prompted::models
