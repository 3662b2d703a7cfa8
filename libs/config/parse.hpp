#pragma once
// Parses sizes, which only settings have.
#include <cstdint>
#include <optional>
#include <string_view>

namespace prompted::config {

/// Parses `16MiB`, `64KiB`, `2GiB`, `512B` or `512`. nullopt for any other text or on overflow.
std::optional<std::uint64_t> parse_bytes(std::string_view text);

}  // namespace prompted::config
