#pragma once
// UUIDs as 16 bytes (RFC 9562).
#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <random>
#include <string>
#include <string_view>

#include "base/owner.hpp"

namespace prompted::base {

struct Uuid {
  std::array<std::uint8_t, 16> bytes{};

  friend auto operator<=>(const Uuid&, const Uuid&) = default;
};

/// Parses 36 characters with hyphens, hexadecimal digits in either case; nullopt otherwise.
std::optional<Uuid> parse_uuid(std::string_view text);
/// Lower case, with hyphens.
std::string to_string(const Uuid& uuid);
void append_uuid(std::string& out, const Uuid& uuid);

/// Adds `n` to the last 48 bits (big endian, wrapping within them): the msg_uuid of message n under an Idempotency-Key.
Uuid add_to_node(Uuid uuid, std::uint64_t n);

/// Generates UUIDv7s that ascend, even within one millisecond (RFC 9562 section 6.2, method 1). The 12 bits of rand_a
/// are a counter. While the clock stands still or steps back, a counter overflow advances the time. Owner: one thread.
class UuidV7Generator {
 public:
  UuidV7Generator();
  Uuid next();

 private:
  std::mt19937_64 random_;
  std::uint64_t last_millis_ = 0;
  std::uint32_t counter_ = 0;
  [[no_unique_address]] OwnerThread owner_thread_;
};

/// A random UUID (version 4) from the operating system's generator, for lease and reader ids.
Uuid random_uuid();

}  // namespace prompted::base

template <>
struct std::hash<prompted::base::Uuid> {
  std::size_t operator()(const prompted::base::Uuid& uuid) const noexcept;
};
