#include "models/invalid_json.hpp"

#include <string>

namespace prompted::models {

base::Error invalid_json(std::string_view nlohmann_says) {
  constexpr std::size_t longest = 300;   // a number of a million digits is quoted too
  if (nlohmann_says.starts_with('[')) {  // "[json.exception.parse_error.101] parse error at line 1, column 2: …"
    if (const auto end = nlohmann_says.find("] "); end != std::string_view::npos) nlohmann_says.remove_prefix(end + 2);
  }
  nlohmann_says = nlohmann_says.substr(0, nlohmann_says.find("; last read: "));
  return base::invalid("invalid JSON: " + std::string(nlohmann_says.substr(0, longest)));
}

bool has_nul_byte(std::string_view text) { return text.find('\0') != std::string_view::npos; }

}  // namespace prompted::models
