#pragma once
// Statements that read the queue. None is prepared: a generic plan made while the queue was drained can be 41 times
// slower (docs/toolchain.md).
#include "postgres/statement.hpp"

namespace prompted::mqreader::sql {

/// $1 partitions int[], $2 cursor xid8[], $3 cursor id bigint[] ((0,0) = none), $4 base snapshot, $5 target snapshot or
/// NULL, $6 rows a partition, $7 topic, $8 rows of the page, $9 its bytes: the payloads of the rows behind them are
/// NULL. The first row (id NULL) carries the target, the incarnation and the server's start, because two statements
/// would see two snapshots. The first branch reads what was in progress in the base, the second what is newer; a
/// separate `xid >= xmax` beside the row comparison would start the scan too early. `xid = x AND id > i ORDER BY id`
/// could be read from the primary key, scanning the whole queue for each partition.
inline constexpr pg::Statement poll{"poll", R"sql(
WITH t AS MATERIALIZED (SELECT coalesce($5::pg_snapshot, pg_current_snapshot()) t)
SELECT NULL::bigint id, NULL::xid8 xid, NULL::int partition_key, NULL::uuid msg_uuid, NULL::int attempts,
       NULL::float8 created, t.t::text, (SELECT v FROM queue_incarnation)::text v,
       extract(epoch FROM pg_postmaster_start_time())::text
  FROM t
UNION ALL
(SELECT id, xid, partition_key, msg_uuid, attempts, date_part('epoch', created_at),
        CASE WHEN coalesce(sum(octet_length(payload)) OVER (ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0)
                  < $9::bigint
             THEN payload END, NULL, NULL
  FROM (SELECT r.id, r.xid, r.partition_key, r.msg_uuid, r.attempts, r.created_at, r.payload::text payload
  FROM t, unnest($1::int[], $2::xid8[], $3::bigint[]) p(k, cx, ci), LATERAL (
  (SELECT q.* FROM pg_snapshot_xip($4::pg_snapshot) x(x), LATERAL (
      SELECT id, xid, partition_key, msg_uuid, attempts, created_at, payload FROM queue_messages
       WHERE partition_key = p.k AND topic = $7 AND xid <= x.x
         AND (xid, id) > (x.x, CASE WHEN x.x = p.cx THEN p.ci ELSE 0 END) ORDER BY xid, id LIMIT $6::int) q
    WHERE p.cx < pg_snapshot_xmax($4::pg_snapshot) AND x.x >= p.cx AND pg_visible_in_snapshot(x.x, t.t) LIMIT $6::int)
  UNION ALL
  (SELECT id, xid, partition_key, msg_uuid, attempts, created_at, payload FROM queue_messages
    WHERE partition_key = p.k AND topic = $7
      AND (xid, id) > (greatest(p.cx, pg_snapshot_xmax($4::pg_snapshot)),
                       CASE WHEN p.cx >= pg_snapshot_xmax($4::pg_snapshot) THEN p.ci ELSE 0 END)
      AND xid < pg_snapshot_xmax(t.t) AND pg_visible_in_snapshot(xid, t.t) ORDER BY xid, id LIMIT $6::int)
  LIMIT $6::int) r LIMIT $8::int) page)
)sql"};

/// After crash recovery the UNLOGGED table is empty: readers agree on a new value.
inline constexpr pg::Statement new_incarnation{
    "new_incarnation", "INSERT INTO queue_incarnation (id, v) VALUES (1, $1::uuid) ON CONFLICT (id) DO NOTHING"};

/// Gives restored rows new xids: those of another cluster are ones that this cluster has not reached yet, so no
/// snapshot would see the rows. $1 int[] partitions, $2 topic, $3 rows per statement: a dump may have brought millions.
/// By place, as in lease/sql.hpp; the next sweep finds skipped rows.
inline constexpr pg::Statement adopt_foreign_rows{"adopt_foreign_rows", R"sql(
UPDATE queue_messages SET xid = pg_current_xact_id() WHERE ctid = ANY(ARRAY(
  SELECT q.place FROM unnest($1::int[]) p(k), LATERAL (
    SELECT ctid place FROM queue_messages
     WHERE partition_key = p.k AND topic = $2 AND xid >= pg_snapshot_xmax(pg_current_snapshot())
     ORDER BY xid, id LIMIT $3::int) q LIMIT $3::int))
)sql"};

/// The sweep: which of the rows handed over are still in the table. $1 int[], $2 base texts, $3 target texts, $4
/// xid8[], $5 bigint[], $6 topic, $7 most rows of a partition, $8 xid8[] floors: older rows were checked before, and
/// scanning their dead rows again made a sweep expensive. The first row (id NULL) carries the incarnation and the
/// server's start: after a crash reused xids look as if they had been handed over, and the poll need not have noticed
/// yet.
inline constexpr pg::Statement list_seen{"list_seen", R"sql(
SELECT NULL::bigint id, NULL::uuid msg_uuid, (SELECT v FROM queue_incarnation)::text v,
       extract(epoch FROM pg_postmaster_start_time())::text
UNION ALL
(SELECT q.id, q.msg_uuid, NULL, NULL
  FROM unnest($1::int[], $2::text[], $3::text[], $4::xid8[], $5::bigint[], $8::xid8[])
         s(k, base, target, cx, ci, floor),
       LATERAL (
  SELECT id, msg_uuid FROM queue_messages WHERE partition_key = s.k AND topic = $6 AND xid >= s.floor
     AND xid < greatest(pg_snapshot_xmax(s.base::pg_snapshot), pg_snapshot_xmax(s.target::pg_snapshot))
     AND (pg_visible_in_snapshot(xid, s.base::pg_snapshot)
          OR (pg_visible_in_snapshot(xid, s.target::pg_snapshot) AND (xid, id) <= (s.cx, s.ci)))
   ORDER BY xid, id LIMIT $7::int) q)
)sql"};

/// Rows that the sweep found missing. $1 bigint[].
inline constexpr pg::Statement fetch_messages{"fetch_messages", R"sql(
SELECT q.* FROM unnest($1::bigint[]) d(id), LATERAL (
  SELECT id, xid, partition_key, msg_uuid, attempts, date_part('epoch', created_at), payload::text
    FROM queue_messages WHERE id BETWEEN d.id AND d.id ORDER BY id LIMIT 1) q
)sql"};

/// Counts waiting rows per topic in the partitions $1 int[]. The row without a topic counts partitions from $2 on,
/// which no reader may own. Limited to 10,000 rows a partition and 16 topics, because this must cost less than a poll.
inline constexpr pg::Statement count_backlog{"count_backlog", R"sql(
WITH RECURSIVE topics AS (
       (SELECT topic FROM queue_messages ORDER BY topic LIMIT 1)
       UNION ALL
       SELECT (SELECT q.topic FROM queue_messages q WHERE q.topic > t.topic ORDER BY q.topic LIMIT 1)
         FROM topics t WHERE t.topic IS NOT NULL)
SELECT t.topic, sum(waiting.rows)::bigint, min(oldest.created)
  FROM (SELECT topic FROM topics WHERE topic IS NOT NULL LIMIT 16) t, unnest($1::int[]) p(k),
       LATERAL (SELECT count(*) AS rows
                  FROM (SELECT 1 FROM queue_messages
                         WHERE partition_key = p.k AND topic = t.topic LIMIT 10000) counted) waiting,
       LATERAL (SELECT (SELECT date_part('epoch', created_at) FROM queue_messages
                         WHERE partition_key = p.k AND topic = t.topic ORDER BY xid, id LIMIT 1) AS created) oldest
 GROUP BY t.topic HAVING sum(waiting.rows) > 0
UNION ALL
SELECT NULL,
       (SELECT count(*) FROM (SELECT 1 FROM queue_messages WHERE partition_key >= $2::int LIMIT 10000) beyond),
       NULL
)sql"};

}  // namespace prompted::mqreader::sql
