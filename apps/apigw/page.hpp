#pragma once
// A piece of an answer, as stores give it.
#include <cstdint>
#include <optional>
#include <string>

#include "apigw/selection.hpp"

namespace prompted::apigw {

struct Page {
  Page() = default;  // not an aggregate: it travels through coroutines (docs/toolchain.md)

  std::string entries;  ///< in the answer's format, with what separates them
  std::size_t rows = 0;
  std::uint64_t digest = 0;   ///< of `entries`
  std::optional<Place> next;  ///< absent: that was the last page
};

/// How much of an answer one page holds: it ends at the first limit that it meets, and holds at least one entry.
struct PageSize {
  PageSize(long most_rows, long most_bytes) : rows(most_rows), bytes(most_bytes) {}

  long rows;
  long bytes;  ///< of texts in PostgreSQL
};

}  // namespace prompted::apigw
