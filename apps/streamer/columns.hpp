#pragma once
// A CSV header: which column is which member of a published row (docs/api.md).
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "streamer/csv_reader.hpp"

namespace prompted::streamer {

struct Column {
  std::string key;  ///< the member's name in JSON; "" = not sent (a column without a name)
};

struct Columns {
  std::vector<Column> all;  ///< in the file's order
  std::optional<std::size_t> timestamp;
  std::optional<std::size_t> gpu_id;
  std::optional<std::size_t> uuid;
  std::size_t value = 0;
};

/// Names are compared without case and underscores (`modelName`, `model_name`). Throws base::Error(invalid) that names
/// the column: `column value is missing`, `column metric_name appears twice`.
Columns read_header(const std::vector<CsvField>& header);

}  // namespace prompted::streamer
