#include "config/parse.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "base/text.hpp"

namespace prompted::config {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t bytes;
};

constexpr std::array<Unit, 6> units{
    {{"KiB", 1ull << 10}, {"MiB", 1ull << 20}, {"GiB", 1ull << 30}, {"TiB", 1ull << 40}, {"B", 1}, {"", 1}}};

}  // namespace

std::optional<std::uint64_t> parse_bytes(std::string_view text) {
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const auto count = base::parse_whole<std::uint64_t>(text.substr(0, digits));
  const auto unit =
      std::find_if(units.begin(), units.end(), [&](const Unit& u) { return u.name == text.substr(digits); });
  if (!count || unit == units.end()) return std::nullopt;
  if (*count > std::numeric_limits<std::uint64_t>::max() / unit->bytes) return std::nullopt;
  return *count * unit->bytes;
}

}  // namespace prompted::config
