#pragma once
// One row of `telemetry`, and how a message's payload (a JSON object with the CSV's columns, docs/api.md) becomes one.
#include <optional>
#include <string>
#include <string_view>

#include "base/time.hpp"
#include "base/uuid.hpp"

namespace simdjson::dom {
class element;
}

namespace prompted::models {

struct TelemetryRow {
  TelemetryRow() = default;  // not an aggregate: it travels through coroutines (docs/toolchain.md)

  base::Uuid uuid;     ///< the message's msg_uuid
  std::string gpu_id;  ///< the GPU's identity, not the payload's gpu_id
  std::string metric_name;
  base::Instant timestamp;
  std::optional<std::string> device;
  std::optional<std::string> model_name;
  std::optional<std::string> hostname;
  std::optional<std::string> container;
  std::optional<std::string> pod;
  std::optional<std::string> name_space;
  std::optional<double> value;
  std::optional<std::string> labels_raw;
};

/// Converts a payload to a row. Throws base::Error(invalid) that names the field: `value: must be a number or null`,
/// `timestamp: is required`, … Empty texts become NULL, and so do DCGM's blanks and NaN in `value`, which may also be a
/// numeric string. Both spellings `model_name`/`modelName` and `hostname`/`Hostname` are read. A labels_raw that is no
/// string is kept as its JSON text. Unknown members are ignored.
TelemetryRow parse_telemetry_row(const base::Uuid& msg_uuid, const simdjson::dom::element& payload);

/// DCGM's "no value" markers (dcgm_structs.h: DCGM_INT32_BLANK, DCGM_INT64_BLANK, DCGM_FP64_BLANK and, one to three
/// above each, not found, not supported, not permitted).
bool is_dcgm_blank(double value);

}  // namespace prompted::models
