#include "postgres/array.hpp"

#include <cstring>

namespace prompted::pg {

namespace {

constexpr std::size_t header_bytes = 20;  // dimensions, has-null flag, element type, length, lower bound
constexpr std::int64_t postgres_epoch_us = 946'684'800'000'000;  // 2000-01-01 in Unix microseconds

template <class U>
U big_endian(U value) {
  if constexpr (std::endian::native == std::endian::little) {
    if constexpr (sizeof(U) == 4) return static_cast<U>(__builtin_bswap32(static_cast<std::uint32_t>(value)));
    else return static_cast<U>(__builtin_bswap64(static_cast<std::uint64_t>(value)));
  }
  return value;
}

}  // namespace

Array::Array(ElementType type, std::size_t bytes_expected) : type_(type) {
  bytes_.reserve(header_bytes + bytes_expected);
  bytes_.resize(header_bytes);
}

template <class U>
void Array::put(U value) {
  const U swapped = big_endian(value);
  char raw[sizeof(U)];
  std::memcpy(raw, &swapped, sizeof(U));
  bytes_.append(raw, sizeof(U));
}

void Array::length(std::uint32_t n) {
  ++count_;
  put(n);
}

void Array::add(std::int32_t value) {
  length(4);
  put(static_cast<std::uint32_t>(value));
}

void Array::add(std::int64_t value) {
  length(8);
  put(static_cast<std::uint64_t>(value));
}

void Array::add(std::uint64_t value) {
  length(8);
  put(value);
}

void Array::add(double value) {
  length(8);
  put(std::bit_cast<std::uint64_t>(value));
}

void Array::add(std::string_view value) {
  const bool versioned = type_ == ElementType::jsonb;
  length(static_cast<std::uint32_t>(value.size() + (versioned ? 1 : 0)));
  if (versioned) bytes_ += '\1';
  bytes_ += value;
}

void Array::add(const base::Uuid& value) {
  length(16);
  bytes_.append(reinterpret_cast<const char*>(value.bytes.data()), value.bytes.size());
}

void Array::add(base::Instant value) {
  length(8);
  put(static_cast<std::uint64_t>(value.time_since_epoch().count() - postgres_epoch_us));
}

void Array::add_null() {
  length(0xFFFFFFFFu);
  has_null_ = true;
}

const std::string& Array::bytes() {
  const std::uint32_t dimensions = count_ == 0 ? 0 : 1;
  const std::uint32_t head[] = {dimensions, has_null_ ? 1u : 0u, static_cast<std::uint32_t>(type_), count_, 1u};
  for (std::size_t i = 0; i < 5; ++i) {
    const std::uint32_t swapped = big_endian(head[i]);
    std::memcpy(bytes_.data() + i * 4, &swapped, 4);
  }
  if (count_ == 0) bytes_.resize(12);  // an empty array has no dimensions and so no length
  return bytes_;
}

}  // namespace prompted::pg
