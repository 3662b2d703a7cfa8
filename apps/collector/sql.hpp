#pragma once
// Every statement of this service.
#include "postgres/statement.hpp"

namespace prompted::collector::sql {

/// Ordered by uuid, so that two collectors with the same rows never deadlock. The conflict target is named: a collision
/// of the primary key (a sequence behind its rows) must not be mistaken for an existing row.
inline constexpr pg::Statement insert_telemetry{"insert_telemetry", R"(
INSERT INTO telemetry (uuid, gpu_id, metric_name, "timestamp", device, model_name, hostname, container, pod, namespace,
                       value, labels_raw)
SELECT *
  FROM unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[], $5::text[], $6::text[], $7::text[], $8::text[],
              $9::text[], $10::text[], $11::float8[], $12::text[]) AS r (uuid)
 ORDER BY r.uuid
    ON CONFLICT (uuid) DO NOTHING)"};

/// Returns those of the same rows that exist with other values.
inline constexpr pg::Statement find_other_content{"find_other_content", R"(
SELECT t.uuid
  FROM unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[], $5::text[], $6::text[], $7::text[], $8::text[],
              $9::text[], $10::text[], $11::float8[], $12::text[])
       AS r (uuid, gpu_id, metric_name, "timestamp", device, model_name, hostname, container, pod, namespace, value,
             labels_raw)
  JOIN telemetry t ON t.uuid = r.uuid
 WHERE (t.gpu_id, t.metric_name, t."timestamp", t.device, t.model_name, t.hostname, t.container, t.pod, t.namespace,
        t.value, t.labels_raw)
       IS DISTINCT FROM
       (r.gpu_id, r.metric_name, r."timestamp", r.device, r.model_name, r.hostname, r.container, r.pod, r.namespace,
        r.value, r.labels_raw))"};

}  // namespace prompted::collector::sql
