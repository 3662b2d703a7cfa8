#pragma once
// Every statement of this service.
#include "postgres/statement.hpp"

namespace prompted::collector::sql {

/// Ordered by uuid, so that two collectors with the same rows never deadlock (QUEUE.md section 3); ON CONFLICT names no
/// target, so that it stays valid when telemetry is distributed (DESIGN section 3).
inline constexpr pg::Statement insert_telemetry{"insert_telemetry", R"(
INSERT INTO telemetry (uuid, gpu_id, metric_name, "timestamp", device, model_name, hostname, container, pod, namespace,
                       value, labels_raw)
SELECT *
  FROM unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[], $5::text[], $6::text[], $7::text[], $8::text[],
              $9::text[], $10::text[], $11::float8[], $12::text[]) AS r (uuid)
 ORDER BY r.uuid
ON CONFLICT DO NOTHING)"};

}  // namespace prompted::collector::sql
