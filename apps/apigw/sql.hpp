#pragma once
// Every statement of this service, each filter and column list named once. All are run unprepared with their
// parameters' values at hand (Session::exec), so `($n IS NULL OR …)` is folded before planning, and an absent filter
// costs nothing. Texts are compared COLLATE "C", as the indexes of migration 000009 are ordered.
#include "apigw/sql_text.hpp"
#include "postgres/statement.hpp"

namespace prompted::apigw::sql {

// ---- telemetry: $1 gpu_id or NULL, $2 metric_name[] (empty: all), $3 hostname, $4 pod, $5 namespace, $6 from, $7 to

namespace part {

inline constexpr Text between(R"( "timestamp" >= $6::timestamptz AND "timestamp" <= $7::timestamptz
  AND ($3::text IS NULL OR hostname COLLATE "C" = $3::text) AND ($4::text IS NULL OR pod COLLATE "C" = $4::text)
  AND ($5::text IS NULL OR namespace COLLATE "C" = $5::text))");
/// Every metric of one GPU, on (gpu_id, "timestamp").
inline constexpr auto of_gpu = " FROM telemetry WHERE gpu_id = $1::text AND cardinality($2::text[]) = 0 AND" + between;
/// One metric `m` of one GPU, on (gpu_id, metric_name, "timestamp", id).
inline constexpr auto of_metric =
    R"( FROM telemetry WHERE gpu_id COLLATE "C" = $1::text AND metric_name COLLATE "C" = m AND)" + between;
/// One metric of every GPU, for statements that need no order.
inline constexpr auto of_metric_of_each =
    R"( FROM telemetry WHERE gpu_id COLLATE "C" = gpus.id AND metric_name COLLATE "C" = m AND $1::text IS NULL AND)" +
    between;
/// All GPUs, on ("timestamp", id) or the like of hostname, pod or namespace: all in the order of the response.
inline constexpr auto of_fleet = " FROM telemetry WHERE $1::text IS NULL AND" + between +
                                 R"( AND (cardinality($2::text[]) = 0 OR metric_name COLLATE "C" = ANY ($2::text[])))";

// The same sources for the first rows in order. `= ANY` of one value, and an order that begins with that column, leave
// the planner no other index. With a plain equality it chooses ("timestamp", id) for a GPU, host or metric with a large
// part of all rows. If that one came late or is long gone, the scan reads the rows of all others first.
inline constexpr auto of_gpu_in_order =
    " FROM telemetry WHERE gpu_id = ANY (ARRAY[$1::text]) AND cardinality($2::text[]) = 0 AND" + between;
inline constexpr auto of_metric_in_order =
    R"( FROM telemetry WHERE gpu_id COLLATE "C" = ANY (ARRAY[$1::text]) AND metric_name COLLATE "C" = m AND)" + between;
inline constexpr auto of_metric_of_each_in_order =
    R"( FROM telemetry WHERE gpu_id COLLATE "C" = ANY (ARRAY[gpus.id]) AND metric_name COLLATE "C" = m
  AND $1::text IS NULL AND)" +
    between;
/// By host, else by pod, else by namespace, whichever is given first.
inline constexpr Text of_fleet_in_order(R"( FROM telemetry WHERE $1::text IS NULL
  AND "timestamp" >= $6::timestamptz AND "timestamp" <= $7::timestamptz
  AND ($3::text IS NULL OR hostname COLLATE "C" = ANY (ARRAY[$3::text]))
  AND ($4::text IS NULL OR CASE WHEN $3::text IS NULL THEN pod COLLATE "C" = ANY (ARRAY[$4::text])
                                ELSE pod COLLATE "C" = $4::text END)
  AND ($5::text IS NULL OR CASE WHEN $3::text IS NULL AND $4::text IS NULL
                                THEN namespace COLLATE "C" = ANY (ARRAY[$5::text])
                                ELSE namespace COLLATE "C" = $5::text END)
  AND (cardinality($2::text[]) = 0 OR metric_name COLLATE "C" = ANY ($2::text[])))");
inline constexpr Text gpu_lead("gpu_id");
inline constexpr Text gpu_lead_down("gpu_id DESC");
inline constexpr Text metric_lead(R"(gpu_id COLLATE "C", metric_name COLLATE "C")");
inline constexpr Text metric_lead_down(R"(gpu_id COLLATE "C" DESC, metric_name COLLATE "C" DESC)");
inline constexpr Text fleet_lead(R"(CASE WHEN $3::text IS NOT NULL THEN hostname COLLATE "C"
  WHEN $4::text IS NOT NULL THEN pod COLLATE "C" WHEN $5::text IS NOT NULL THEN namespace COLLATE "C" END)");
inline constexpr auto fleet_lead_down = fleet_lead + " DESC";

/// `rows` for each of the metrics.
template <std::size_t N, std::size_t M>
constexpr auto each_metric(const Text<N>& rows, const Text<M>& order) {
  return "SELECT t.* FROM unnest($2::text[]) m CROSS JOIN LATERAL (" + rows + ") t" + order;
}

/// `rows` for each of the metrics of each GPU.
template <std::size_t N, std::size_t M>
constexpr auto each_metric_of_each(const Text<N>& rows, const Text<M>& order) {
  return R"(
WITH RECURSIVE gpus AS (
  (SELECT gpu_id COLLATE "C" AS id FROM telemetry ORDER BY gpu_id COLLATE "C" LIMIT 1)
  UNION ALL
  SELECT (SELECT t.gpu_id COLLATE "C" FROM telemetry t WHERE t.gpu_id COLLATE "C" > gpus.id
           ORDER BY t.gpu_id COLLATE "C" LIMIT 1) FROM gpus WHERE gpus.id IS NOT NULL
) SELECT t.* FROM gpus CROSS JOIN unnest($2::text[]) m CROSS JOIN LATERAL ()" +
         rows + ") t WHERE gpus.id IS NOT NULL" + order;
}

// A page begins after the key ($6 or $7, $8). For the first page, $8 admits every id.
inline constexpr Text up_order(R"("timestamp", id)");
inline constexpr Text down_order(R"("timestamp" DESC, id DESC)");
inline constexpr Text limit(" LIMIT $9::bigint ");
inline constexpr auto up_limit = " ORDER BY " + up_order + limit;
inline constexpr auto down_limit = " ORDER BY " + down_order + limit;
inline constexpr Text behind_up(R"( AND ("timestamp" > $6::timestamptz OR id > $8::bigint) ORDER BY )");
inline constexpr Text behind_down(R"( AND ("timestamp" < $7::timestamptz OR id < $8::bigint) ORDER BY )");
inline constexpr auto gpu_up = gpu_lead + ", " + up_order;
inline constexpr auto gpu_down = gpu_lead_down + ", " + down_order;
inline constexpr auto metric_up = metric_lead + ", " + up_order;
inline constexpr auto metric_down = metric_lead_down + ", " + down_order;
inline constexpr auto fleet_up = fleet_lead + ", " + up_order;
inline constexpr auto fleet_down = fleet_lead_down + ", " + down_order;
inline constexpr Text all("SELECT *");

/// At most $9 rows, and only one row that begins $10 bytes or more after the first, which tells that the page is cut
/// there. octet_length gets a TOASTed value's length without fetching it.
template <std::size_t N, std::size_t M>
constexpr auto page(const Text<N>& rows, const Text<M>& order) {
  return R"(
SELECT uuid, gpu_id, metric_name, "timestamp", device, model_name, hostname, container, pod, namespace, value,
       labels_raw, ingested_at, id
  FROM (SELECT *,
               sum(octet_length(gpu_id) + octet_length(metric_name) + coalesce(octet_length(labels_raw), 0)
                   + coalesce(octet_length(device), 0) + coalesce(octet_length(model_name), 0)
                   + coalesce(octet_length(hostname), 0) + coalesce(octet_length(container), 0)
                   + coalesce(octet_length(pod), 0) + coalesce(octet_length(namespace), 0))
                 OVER (ORDER BY )" +
         order + " ROWS BETWEEN UNBOUNDED PRECEDING AND 2 PRECEDING) AS bytes_before_last FROM (" + rows +
         ") page_rows) page WHERE coalesce(bytes_before_last, 0) < $10::bigint ORDER BY " + order;
}

/// Identifies a set of rows by their number and an order-independent sum over their ids (rows never change). Reads at
/// most $8 rows.
template <std::size_t N>
constexpr auto tag(const Text<N>& rows) {
  return "SELECT count(*), coalesce(bit_xor(hashint8extended(id, 0)), 0) FROM (" + rows + " LIMIT $8::bigint) tagged";
}

/// One value per bucket of length $8 by the function $9, which is folded too, so only that one is computed. avg() is
/// not used: it also sums squares, which overflow from 1e154 on.
template <std::size_t N>
constexpr auto buckets(const Text<N>& rows) {
  return R"(
SELECT date_bin($8::interval, "timestamp", 'epoch'::timestamptz) AS bucket, gpu_id, metric_name,
       CASE $9::text WHEN 'avg' THEN sum(value) / nullif(count(value), 0) WHEN 'min' THEN min(value)
                     WHEN 'max' THEN max(value) WHEN 'sum' THEN sum(value) WHEN 'count' THEN count(value)
                     WHEN 'last' THEN (array_agg(value ORDER BY "timestamp" DESC, id DESC))[1] END
  FROM ()" +
         rows + R"() reduced GROUP BY 1, 2, 3 ORDER BY 1, gpu_id COLLATE "C", metric_name COLLATE "C")";
}
inline constexpr Text values(R"(SELECT "timestamp", id, gpu_id, metric_name, value)");

/// The instant of the next row.
inline constexpr Text instant(R"(SELECT "timestamp")");
inline constexpr Text up_one(R"( ORDER BY "timestamp" LIMIT 1)");
inline constexpr Text down_one(R"( ORDER BY "timestamp" DESC LIMIT 1)");
template <std::size_t N>
constexpr auto first(const Text<N>& lead) {
  return " ORDER BY " + lead + R"(, "timestamp" LIMIT 1)";
}
template <std::size_t N>
constexpr auto last(const Text<N>& lead_down) {
  return " ORDER BY " + lead_down + R"(, "timestamp" DESC LIMIT 1)";
}

inline constexpr auto gpu_rows_up = page(all + of_gpu_in_order + behind_up + gpu_up + limit, gpu_up);
inline constexpr auto gpu_rows_down = page(all + of_gpu_in_order + behind_down + gpu_down + limit, gpu_down);
inline constexpr auto metric_rows_up =
    page(each_metric(all + of_metric_in_order + behind_up + metric_up + limit, up_limit), up_order);
inline constexpr auto metric_rows_down =
    page(each_metric(all + of_metric_in_order + behind_down + metric_down + limit, down_limit), down_order);
inline constexpr auto fleet_rows_up = page(all + of_fleet_in_order + behind_up + fleet_up + limit, fleet_up);
inline constexpr auto fleet_rows_down = page(all + of_fleet_in_order + behind_down + fleet_down + limit, fleet_down);
inline constexpr auto gpu_tag = tag("SELECT id" + of_gpu);
inline constexpr auto metric_tag = tag(each_metric("SELECT id" + of_metric, Text("")));
inline constexpr auto fleet_tag = tag("SELECT id" + of_fleet);
inline constexpr auto gpu_buckets = buckets(values + of_gpu);
inline constexpr auto metric_buckets = buckets(each_metric(values + of_metric, Text("")));
inline constexpr auto fleet_buckets = buckets(values + of_fleet);
// Without OFFSET 0 the planner may join the GPUs to all rows of the window.
inline constexpr auto fleet_metric_buckets =
    buckets(each_metric_of_each(values + of_metric_of_each + " OFFSET 0", Text("")));
inline constexpr auto gpu_next_up = instant + of_gpu_in_order + first(gpu_lead);
inline constexpr auto gpu_next_down = instant + of_gpu_in_order + last(gpu_lead_down);
inline constexpr auto metric_next_up = each_metric(instant + of_metric_in_order + first(metric_lead), up_one);
inline constexpr auto metric_next_down = each_metric(instant + of_metric_in_order + last(metric_lead_down), down_one);
inline constexpr auto fleet_metric_next_up =
    each_metric_of_each(instant + of_metric_of_each_in_order + first(metric_lead), up_one);
inline constexpr auto fleet_metric_next_down =
    each_metric_of_each(instant + of_metric_of_each_in_order + last(metric_lead_down), down_one);
inline constexpr auto fleet_next_up = instant + of_fleet_in_order + first(fleet_lead);
inline constexpr auto fleet_next_down = instant + of_fleet_in_order + last(fleet_lead_down);

}  // namespace part

inline constexpr pg::Statement gpu_rows_up{"gpu_rows_up", part::gpu_rows_up.chars};
inline constexpr pg::Statement gpu_rows_down{"gpu_rows_down", part::gpu_rows_down.chars};
inline constexpr pg::Statement metric_rows_up{"metric_rows_up", part::metric_rows_up.chars};
inline constexpr pg::Statement metric_rows_down{"metric_rows_down", part::metric_rows_down.chars};
inline constexpr pg::Statement fleet_rows_up{"fleet_rows_up", part::fleet_rows_up.chars};
inline constexpr pg::Statement fleet_rows_down{"fleet_rows_down", part::fleet_rows_down.chars};
inline constexpr pg::Statement gpu_tag{"gpu_tag", part::gpu_tag.chars};
inline constexpr pg::Statement metric_tag{"metric_tag", part::metric_tag.chars};
inline constexpr pg::Statement fleet_tag{"fleet_tag", part::fleet_tag.chars};
inline constexpr pg::Statement gpu_buckets{"gpu_buckets", part::gpu_buckets.chars};
inline constexpr pg::Statement metric_buckets{"metric_buckets", part::metric_buckets.chars};
inline constexpr pg::Statement fleet_buckets{"fleet_buckets", part::fleet_buckets.chars};
inline constexpr pg::Statement fleet_metric_buckets{"fleet_metric_buckets", part::fleet_metric_buckets.chars};
inline constexpr pg::Statement gpu_next_up{"gpu_next_up", part::gpu_next_up.chars};
inline constexpr pg::Statement gpu_next_down{"gpu_next_down", part::gpu_next_down.chars};
inline constexpr pg::Statement metric_next_up{"metric_next_up", part::metric_next_up.chars};
inline constexpr pg::Statement metric_next_down{"metric_next_down", part::metric_next_down.chars};
inline constexpr pg::Statement fleet_metric_next_up{"fleet_metric_next_up", part::fleet_metric_next_up.chars};
inline constexpr pg::Statement fleet_metric_next_down{"fleet_metric_next_down", part::fleet_metric_next_down.chars};
inline constexpr pg::Statement fleet_next_up{"fleet_next_up", part::fleet_next_up.chars};
inline constexpr pg::Statement fleet_next_down{"fleet_next_down", part::fleet_next_down.chars};

// ---- GPUs: by loose index scans (one descent for each), so the cost grows with GPUs and metrics, never with rows

namespace part {

/// Up to $2 GPUs after $1, bytewise, as `gpus`.
inline constexpr Text gpus(R"(
WITH RECURSIVE gpus AS (
  (SELECT gpu_id COLLATE "C" AS id, 1::bigint AS n FROM telemetry WHERE gpu_id COLLATE "C" > $1::text
    ORDER BY gpu_id COLLATE "C" LIMIT 1)
  UNION ALL
  SELECT (SELECT t.gpu_id COLLATE "C" FROM telemetry t WHERE t.gpu_id COLLATE "C" > gpus.id
           ORDER BY t.gpu_id COLLATE "C" LIMIT 1), n + 1
    FROM gpus WHERE gpus.id IS NOT NULL AND n < $2::bigint
) )");

/// The metrics of one GPU, as rows `m`.
template <std::size_t N>
constexpr auto metrics_of(const Text<N>& gpu) {
  return R"(
WITH RECURSIVE metrics AS (
  (SELECT metric_name COLLATE "C" AS m FROM telemetry WHERE gpu_id COLLATE "C" = )" +
         gpu + R"( ORDER BY metric_name COLLATE "C" LIMIT 1)
  UNION ALL
  SELECT (SELECT t.metric_name COLLATE "C" FROM telemetry t WHERE t.gpu_id COLLATE "C" = )" +
         gpu + R"( AND t.metric_name COLLATE "C" > metrics.m ORDER BY t.metric_name COLLATE "C" LIMIT 1)
    FROM metrics WHERE metrics.m IS NOT NULL
) SELECT m FROM metrics WHERE m IS NOT NULL)";
}

/// $3 hostname, $4 model_name, $5 namespace, $6 pod
inline constexpr Text row_passes(R"(
      ($3::text IS NULL OR row.hostname = $3::text) AND ($4::text IS NULL OR row.model_name = $4::text)
  AND ($5::text IS NULL OR row.namespace = $5::text) AND ($6::text IS NULL OR row.pod = $6::text) )");
/// In order for the same reason as of_gpu_in_order.
inline constexpr Text latest_row(R"(
(SELECT * FROM telemetry t WHERE t.gpu_id = ANY (ARRAY[gpus.id COLLATE "default"])
  ORDER BY t.gpu_id DESC, t."timestamp" DESC, t.id DESC LIMIT 1) row )");
inline constexpr Text gpu_columns(R"(
SELECT gpus.id, row.model_name, row.hostname, row.device, row.namespace, row.pod, row.container,
       (SELECT t."timestamp" FROM telemetry t WHERE t.gpu_id = ANY (ARRAY[gpus.id COLLATE "default"])
         ORDER BY t.gpu_id, t."timestamp" LIMIT 1),
       row."timestamp")");

/// One metric of one GPU, for its first or its latest row; in order for the same reason.
template <std::size_t N, std::size_t M>
constexpr auto of_found(const Text<N>& gpu, const Text<M>& metric) {
  return R"( FROM telemetry t WHERE gpu_id COLLATE "C" = ANY (ARRAY[)" + gpu + R"(]) AND metric_name COLLATE "C" = )" +
         metric;
}
inline constexpr auto latest_of_metric = " ORDER BY " + metric_down + " LIMIT 1";

inline constexpr auto gpu_ids = gpus + "SELECT id FROM gpus WHERE id IS NOT NULL ORDER BY id";
inline constexpr auto gpu_details = gpus + gpu_columns +
                                    ", row.id IS NOT NULL FROM gpus LEFT JOIN LATERAL (SELECT * FROM" + latest_row +
                                    "WHERE" + row_passes + ") row ON true WHERE gpus.id IS NOT NULL ORDER BY gpus.id";
inline constexpr auto one_gpu =
    gpu_columns + R"( FROM (SELECT $1::text COLLATE "C" AS id) gpus CROSS JOIN LATERAL)" + latest_row;
inline constexpr auto gpu_metrics =
    "SELECT found.m, row.value, row.first_seen, row.last_seen FROM (" + metrics_of(Text("$1::text")) + R"() found
 CROSS JOIN LATERAL (
   SELECT t.value, t."timestamp" AS last_seen, (SELECT t."timestamp")" +
    of_found(Text("$1::text"), Text("found.m")) + first(metric_lead) + ") AS first_seen" +
    of_found(Text("$1::text"), Text("found.m")) + latest_of_metric + ") row ORDER BY found.m";
inline constexpr auto latest_metrics = gpus + R"(
SELECT gpus.id, row.metric_name, row.value, row."timestamp", row.device, row.model_name, row.hostname, row.container,
       row.pod, row.namespace
  FROM gpus LEFT JOIN LATERAL (
    SELECT row.* FROM (SELECT DISTINCT m COLLATE "C" AS m FROM unnest($7::text[]) m WHERE cardinality($7::text[]) > 0
                       UNION ALL
                       SELECT m FROM ()" +
                                       metrics_of(Text("gpus.id")) +
                                       R"() every WHERE cardinality($7::text[]) = 0) wanted
     CROSS JOIN LATERAL (SELECT *)" + of_found(Text("gpus.id"), Text("wanted.m")) +
                                       latest_of_metric + ") row WHERE " + row_passes + R"() row ON true
 WHERE gpus.id IS NOT NULL ORDER BY gpus.id, row.metric_name COLLATE "C")";
inline constexpr auto known_metrics = gpus + R"(SELECT m FROM unnest($3::text[]) m
 WHERE EXISTS (SELECT 1 FROM gpus CROSS JOIN LATERAL (SELECT 1)" +
                                      of_found(Text("gpus.id"), Text("m")) + first(metric_lead) +
                                      ") found WHERE gpus.id IS NOT NULL)";

}  // namespace part

inline constexpr pg::Statement gpu_ids{"gpu_ids", part::gpu_ids.chars};
/// Every GPU of the page; the columns are NULL where its latest row does not pass.
inline constexpr pg::Statement gpu_details{"gpu_details", part::gpu_details.chars};
/// No row for an unknown GPU.
inline constexpr pg::Statement one_gpu{"one_gpu", part::one_gpu.chars};
/// Each with its first instant and its latest row.
inline constexpr pg::Statement gpu_metrics{"gpu_metrics", part::gpu_metrics.chars};
/// The latest row of each metric ($7; empty: all) of each GPU of the page. A GPU without any has a row without a
/// metric.
inline constexpr pg::Statement latest_metrics{"latest_metrics", part::latest_metrics.chars};
/// Those of the metrics $3 that any GPU has.
inline constexpr pg::Statement known_metrics{"known_metrics", part::known_metrics.chars};

}  // namespace prompted::apigw::sql
