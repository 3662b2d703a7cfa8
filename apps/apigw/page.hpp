#pragma once
// A piece of a response, as stores return it.
#include <cstdint>
#include <optional>
#include <string>

#include "apigw/selection.hpp"

namespace prompted::apigw {

struct Page {
  Page() = default;  // not an aggregate: it travels through coroutines (docs/toolchain.md)

  std::string entries;  ///< in the response's format, with separators
  std::size_t rows = 0;
  std::uint64_t digest = 0;   ///< of `entries`
  std::optional<Place> next;  ///< absent: that was the last page
};

/// Limits of one page. It ends at the first limit reached, and holds at least one entry.
struct PageSize {
  PageSize(long most_rows, long most_bytes) : rows(most_rows), bytes(most_bytes) {}

  long rows;
  long bytes;  ///< of texts in PostgreSQL
};

}  // namespace prompted::apigw
