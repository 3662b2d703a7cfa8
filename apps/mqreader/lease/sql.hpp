#pragma once
// Statements that follow from leases: acks and attempts. None is prepared: a generic plan made while the queue was
// drained can be 41 times slower (docs/toolchain.md).
//
// Statements that name messages by id first find a row's place (ctid) and then access it. With a plain join (q.id =
// d.id), a planner that has seen the queue drained scans the whole queue for each id: 10 s for 1,000 of 60,000. BETWEEN
// and ORDER BY leave it one index and one plan. A row that another transaction updates in between is skipped, because
// its place has changed (since PostgreSQL 13.13). The store therefore runs the statement once more, in a new snapshot,
// if it found fewer rows than named. See docs/toolchain.md.
#include "postgres/statement.hpp"

namespace prompted::mqreader::sql {

/// Deletes acknowledged messages. $1 bigint[] ids, $2 uuid[]; $3, $4 the server that they were read from. On another
/// server (for example after a failover that lost the telemetry rows) nothing is deleted. Returns one row: whether it
/// is that server, and how many were deleted.
inline constexpr pg::Statement delete_messages{"delete_messages", R"sql(
WITH server AS MATERIALIZED (
       SELECT EXISTS (SELECT 1 FROM queue_incarnation
                       WHERE v = $3::uuid AND extract(epoch FROM pg_postmaster_start_time())::text = $4) AS same),
     deleted AS (
       DELETE FROM queue_messages WHERE ctid = ANY(ARRAY(
         SELECT q.place FROM unnest($1::bigint[], $2::uuid[]) d(id, u), LATERAL (
           SELECT ctid place, msg_uuid FROM queue_messages WHERE id BETWEEN d.id AND d.id ORDER BY id LIMIT 1) q
          WHERE q.msg_uuid = d.u AND (SELECT same FROM server)))
       RETURNING 1)
SELECT same, (SELECT count(*) FROM deleted) FROM server
)sql"};

/// Persists the next delivery's number before that delivery. $3 int[] numbers. Ids that are not returned were consumed
/// elsewhere.
inline constexpr pg::Statement persist_attempts{"persist_attempts", R"sql(
UPDATE queue_messages m SET attempts = greatest(m.attempts, f.attempts), updated_at = now()
  FROM (SELECT q.place, d.attempts FROM unnest($1::bigint[], $2::uuid[], $3::int[]) d(id, u, attempts), LATERAL (
          SELECT ctid place, msg_uuid FROM queue_messages WHERE id BETWEEN d.id AND d.id ORDER BY id LIMIT 1) q
         WHERE q.msg_uuid = d.u) f
 WHERE m.ctid = f.place RETURNING m.id
)sql"};

}  // namespace prompted::mqreader::sql
