#pragma once
// The texts of settings that only settings have: sizes.
#include <cstdint>
#include <optional>
#include <string_view>

namespace prompted::config {

/// `16MiB`, `64KiB`, `2GiB`, `512B`, `512`; no overflow.
std::optional<std::uint64_t> parse_bytes(std::string_view text);

}  // namespace prompted::config
