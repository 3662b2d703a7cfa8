#pragma once
// Inside libs/models: one form of `invalid JSON: …` for every parser.
#include <string_view>

#include "base/error.hpp"

namespace prompted::models {

/// From what nlohmann/json says: without its error number and without the text that it read last, which is the caller's
/// own, may be long and need not be UTF-8.
base::Error invalid_json(std::string_view nlohmann_says);

/// nlohmann/json takes a NUL byte for the end of the input, whatever follows.
bool has_nul_byte(std::string_view text);

}  // namespace prompted::models
