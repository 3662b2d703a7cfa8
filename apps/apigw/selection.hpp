#pragma once
// Which telemetry a request asks the stores for, in which order and shape.
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.hpp"

namespace prompted::apigw {

enum class Order { ascending, descending };
enum class Format { json, ndjson, csv };

/// The place after an entry in the order of a response: rows by (at, id), buckets by (at, gpu_id, metric_name).
struct Place {
  Place() = default;  // not an aggregate: it travels through coroutines (docs/toolchain.md)

  base::Instant at{};
  std::int64_t id = 0;
  std::string gpu_id;
  std::string metric_name;
};

/// Values reduced to one a bucket; buckets begin at whole multiples of `step` since 1970-01-01T00:00:00Z.
struct Aggregation {
  Aggregation() = default;

  std::chrono::milliseconds step{};
  std::string function;  ///< avg, min, max, last, sum or count
};

/// Rows between two instants, both inclusive; an absent bound is open, an absent filter matches everything.
struct Selection {
  Selection() = default;

  std::optional<std::string> gpu_id;
  std::vector<std::string> metric_names;  ///< empty: all
  std::optional<std::string> hostname;
  std::optional<std::string> pod;
  std::optional<std::string> name_space;
  std::optional<base::Instant> start;
  std::optional<base::Instant> end;
  Order order = Order::ascending;
  std::optional<Aggregation> aggregation;
  Format format = Format::json;
  std::optional<std::int64_t> limit;  ///< entries of one response; absent: all, streamed
  std::optional<Place> after;         ///< absent: from the first
};

/// A digest of everything that decides which entries there are and in which order: a cursor belongs to one such query.
std::uint32_t fingerprint(const Selection& selection);

/// Opaque to clients, safe in a URL. It carries the bounds, so that the pages of a relative window share one window.
std::string to_cursor(const Selection& selection, const Place& place);
/// Sets `after` and the bounds. Throws base::Error(invalid): `invalid cursor: …`.
void apply_cursor(Selection& selection, std::string_view cursor);

}  // namespace prompted::apigw
