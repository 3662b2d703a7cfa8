#pragma once
// Internal to libs/models: the form of `invalid JSON: …` that all parsers share.
#include <string_view>

#include "base/error.hpp"

namespace prompted::models {

/// Converts an error of nlohmann/json. Removes its error number and the last text read, which comes from the client,
/// may be long and need not be UTF-8.
base::Error invalid_json(std::string_view nlohmann_says);

/// Checked because nlohmann/json takes a NUL byte as the end of the input, whatever follows.
bool has_nul_byte(std::string_view text);

}  // namespace prompted::models
