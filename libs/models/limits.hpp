#pragma once
// How large things may be, the same for every daemon: what one accepts, none refuses later.
#include <cstddef>
#include <string_view>

namespace prompted::models {

inline constexpr std::size_t max_message_bytes = 256 * 1024;  ///< also as jsonb writes it, 1e300 with all its digits
inline constexpr std::size_t max_publish_messages = 10'000;
inline constexpr int max_json_depth = 64;
inline constexpr std::size_t max_topic_characters = 255;  ///< it stands in every index entry
inline constexpr std::size_t max_consumer_characters = 255;
inline constexpr std::size_t max_lease_id_characters = 255;  ///< a UUID has 36; any other text is an unknown lease
inline constexpr std::size_t max_lease_messages = 10'000;    ///< and so the most msg_uuids that one request may name
/// Of a nack's reason, which is kept with every dead letter; what is longer is cut.
inline constexpr std::size_t max_reason_bytes = 500;
/// Of a GPU's id and the other names of a row (all its texts but labels_raw): what apigw's parameters take, and far
/// below what PostgreSQL's indexes do (2,704 bytes).
inline constexpr std::size_t max_name_characters = 256;

/// The first `most` bytes of valid UTF-8, or fewer: never part of a character.
inline std::string_view cut_to_bytes(std::string_view text, std::size_t most) {
  if (text.size() <= most) return text;
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xC0) == 0x80) --most;
  return text.substr(0, most);
}

}  // namespace prompted::models
