#include "base/uuid.hpp"

#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <system_error>

#include "base/text.hpp"

namespace prompted::base {
namespace {

constexpr std::size_t text_size = 36;

bool hyphen_before(std::size_t byte) { return byte == 4 || byte == 6 || byte == 8 || byte == 10; }

/// Stores `count` bytes at `to`, big endian.
void store(std::uint8_t* to, std::uint64_t value, int count) {
  for (int i = count - 1; i >= 0; --i, value >>= 8) to[i] = static_cast<std::uint8_t>(value);
}

std::uint64_t load(const std::uint8_t* from, int count) {
  std::uint64_t value = 0;
  for (int i = 0; i < count; ++i) value = value << 8 | from[i];
  return value;
}

void set_version_and_variant(Uuid& uuid, std::uint8_t version) {
  uuid.bytes[6] = static_cast<std::uint8_t>((uuid.bytes[6] & 0x0f) | version << 4);
  uuid.bytes[8] = static_cast<std::uint8_t>((uuid.bytes[8] & 0x3f) | 0x80);
}

void fill_from_system(void* to, std::size_t size) {
  if (::getentropy(to, size) != 0) throw std::system_error(errno, std::generic_category(), "getentropy");
}

std::uint64_t unix_millis() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(since).count());
}

}  // namespace

std::optional<Uuid> parse_uuid(std::string_view text) {
  if (text.size() != text_size) return std::nullopt;
  Uuid uuid;
  std::size_t at = 0;
  for (std::size_t i = 0; i < uuid.bytes.size(); ++i) {
    if (hyphen_before(i) && text[at++] != '-') return std::nullopt;
    const int high = hex_value(text[at]);
    const int low = hex_value(text[at + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    uuid.bytes[i] = static_cast<std::uint8_t>(high << 4 | low);
    at += 2;
  }
  return uuid;
}

void append_uuid(std::string& out, const Uuid& uuid) {
  char text[text_size];
  std::size_t at = 0;
  for (std::size_t i = 0; i < uuid.bytes.size(); ++i) {
    if (hyphen_before(i)) text[at++] = '-';
    text[at++] = hex_digits[uuid.bytes[i] >> 4];
    text[at++] = hex_digits[uuid.bytes[i] & 0xf];
  }
  out.append(text, text_size);
}

std::string to_string(const Uuid& uuid) {
  std::string out;
  append_uuid(out, uuid);
  return out;
}

Uuid add_to_node(Uuid uuid, std::uint64_t n) {
  std::uint8_t* node = uuid.bytes.data() + 10;
  store(node, load(node, 6) + n, 6);  // store() drops a carry beyond 48 bits
  return uuid;
}

UuidV7Generator::UuidV7Generator() {
  std::array<std::uint32_t, 16> seed{};
  fill_from_system(seed.data(), sizeof seed);
  std::seed_seq sequence(seed.begin(), seed.end());
  random_.seed(sequence);
}

Uuid UuidV7Generator::next() {
  owner_thread_.check();
  constexpr std::uint32_t counter_end = 1u << 12;
  if (const std::uint64_t now = unix_millis(); now > last_millis_) {
    last_millis_ = now;
    counter_ = 0;
  } else if (++counter_ == counter_end) {
    ++last_millis_;  // runs ahead until the clock catches up
    counter_ = 0;
  }
  Uuid uuid;
  store(uuid.bytes.data(), last_millis_, 6);
  store(uuid.bytes.data() + 6, counter_, 2);
  store(uuid.bytes.data() + 8, random_(), 8);
  set_version_and_variant(uuid, 7);
  return uuid;
}

Uuid random_uuid() {
  Uuid uuid;
  fill_from_system(uuid.bytes.data(), uuid.bytes.size());
  set_version_and_variant(uuid, 4);
  return uuid;
}

}  // namespace prompted::base

// In version 7 the second half is random; under an Idempotency-Key it counts, and the first half tells keys apart.
std::size_t std::hash<prompted::base::Uuid>::operator()(const prompted::base::Uuid& uuid) const noexcept {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  std::memcpy(&first, uuid.bytes.data(), sizeof first);
  std::memcpy(&last, uuid.bytes.data() + sizeof first, sizeof last);
  std::uint64_t mixed = last ^ (first * 0x9e3779b97f4a7c15u);
  mixed ^= mixed >> 32;
  return static_cast<std::size_t>(mixed * 0xd6e8feb86659fd93u);
}
