#pragma once
// Every statement of this service.
#include "postgres/statement.hpp"

namespace prompted::apigw::sql {

/// Recursive loose index scan on (gpu_id, "timestamp"): one index descent a GPU, whatever the number of rows.
inline constexpr pg::Statement list_gpus{"list_gpus", R"(
WITH RECURSIVE gpus AS (
  (SELECT gpu_id FROM telemetry ORDER BY gpu_id LIMIT 1)
  UNION ALL
  SELECT (SELECT t.gpu_id FROM telemetry t WHERE t.gpu_id > gpus.gpu_id ORDER BY t.gpu_id LIMIT 1)
    FROM gpus WHERE gpus.gpu_id IS NOT NULL
)
SELECT gpu_id FROM gpus WHERE gpu_id IS NOT NULL ORDER BY gpu_id COLLATE "C")"};

/// One page after the key ($2, $4), up to and including $3: at most $5 rows, and none that begins $6 bytes or more after the
/// first. For the first page $2 is the lower bound and $4 is 0, below every id: the same statement. `fetched` tells whether
/// the page was cut. octet_length knows a TOASTed value's length without fetching it.
inline constexpr pg::Statement telemetry_page{"telemetry_page", R"(
SELECT uuid, gpu_id, metric_name, "timestamp", device, model_name, hostname, container, pod, namespace, value,
       labels_raw, ingested_at, id, fetched
  FROM (SELECT *, count(*) OVER () AS fetched,
               sum(octet_length(gpu_id) + octet_length(metric_name) + coalesce(octet_length(labels_raw), 0)
                   + coalesce(octet_length(device), 0) + coalesce(octet_length(model_name), 0)
                   + coalesce(octet_length(hostname), 0) + coalesce(octet_length(container), 0)
                   + coalesce(octet_length(pod), 0) + coalesce(octet_length(namespace), 0))
                 OVER (ORDER BY "timestamp", id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS bytes_before
          FROM (SELECT * FROM telemetry
                 WHERE gpu_id = $1 AND "timestamp" >= $2::timestamptz AND "timestamp" <= $3::timestamptz
                   AND ("timestamp" > $2::timestamptz OR id > $4::bigint)
                 ORDER BY "timestamp", id LIMIT $5::bigint) rows) page
 WHERE coalesce(bytes_before, 0) < $6::bigint
 ORDER BY "timestamp", id)"};

}  // namespace prompted::apigw::sql
