#pragma once
// PostgreSQL arrays in binary (array_send's format: src/backend/utils/adt/arrayfuncs.c), as parameters of exec_params:
// as fast as raw libpq, without quoting. Elements are appended one at a time; absent ones are NULL.
#include <bit>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.hpp"
#include "base/uuid.hpp"

namespace prompted::pg {

/// Type OIDs of pg_type.dat.
enum class ElementType : std::uint32_t {
  int4 = 23,
  int8 = 20,
  float8 = 701,
  text = 25,
  uuid = 2950,
  jsonb = 3802,
  timestamptz = 1184,
  xid8 = 5069,
};

class Array {
 public:
  explicit Array(ElementType type, std::size_t bytes_expected = 0);

  void add(std::int32_t value);
  void add(std::int64_t value);
  void add(std::uint64_t value);  ///< xid8
  void add(double value);
  void add(std::string_view value);  ///< text, or jsonb (its version byte is added)
  void add(const base::Uuid& value);
  void add(base::Instant value);
  void add_null();
  template <class T>
  void add(const std::optional<T>& value) {
    if (value) add(*value);
    else add_null();
  }

  std::size_t size() const { return count_; }
  /// The finished bytes: pass as binary(array) (libpqxx.hpp).
  const std::string& bytes();

 private:
  void length(std::uint32_t n);
  template <class U>
  void put(U value);
  ElementType type_;
  std::string bytes_;
  std::uint32_t count_ = 0;
  bool has_null_ = false;
};

}  // namespace prompted::pg
