#pragma once
// A CSV row as the JSON object that is published: `value` is a number or null, all else is a string.
#include <string>
#include <string_view>
#include <vector>

#include "streamer/columns.hpp"

namespace prompted::streamer {

/// The object without its timestamp, which is known only when the row is published: `,"metric_name":"…",…}`.
/// Throws base::Error(invalid) that says what is wrong with the row (number of fields, GPU, value).
std::string row_json_tail(const Columns& columns, const std::vector<CsvField>& fields);

/// `{"timestamp":"<stamp>"` and the tail.
std::string row_json(std::string_view stamp, std::string_view tail);

}  // namespace prompted::streamer
