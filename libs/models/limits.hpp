#pragma once
// How large things may be, the same for every daemon: what one accepts, none refuses later.
#include <algorithm>
#include <cstddef>
#include <string_view>

namespace prompted::models {

inline constexpr std::size_t max_message_bytes = 256 * 1024;  ///< also as jsonb writes it, 1e300 with all its digits
inline constexpr std::size_t max_publish_messages = 10'000;
inline constexpr int max_json_depth = 64;
inline constexpr std::size_t max_topic_characters = 255;  ///< it stands in every index entry
/// Of a GPU's id and the other names of a row (all its texts but labels_raw): what apigw's parameters take, and far below
/// what PostgreSQL's indexes do (2,704 bytes).
inline constexpr std::size_t max_name_characters = 256;

/// Of valid UTF-8.
inline std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

}  // namespace prompted::models
