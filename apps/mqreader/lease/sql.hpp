#pragma once
// Statements that follow from leases: acks and attempts. None is prepared: a generic plan made while the queue was
// drained can be 41 times slower (docs/toolchain.md).
//
// Statements that name messages by id find a row's place first and then go to it. As a plain join (q.id = d.id), a
// planner that has seen the queue drained walks all of the queue for each id: 10 s for 1,000 of 60,000. BETWEEN and an
// order leave it one index and one way. A row that another transaction updates in between is skipped, because its place
// is no longer the one found (PostgreSQL 13.13 on): the store runs the statement once more, in a new snapshot, when it
// met fewer rows than named. See docs/toolchain.md.
#include "postgres/statement.hpp"

namespace prompted::mqreader::sql {

/// Messages that were acknowledged. $1 bigint[], $2 uuid[]; $3, $4 the server that they were read from: on another one
/// (after a failover that lost the telemetry rows, say) nothing is deleted. One row: whether it is that server, how
/// many were deleted.
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

/// The next delivery's number, before that delivery. Ids that do not come back have been consumed elsewhere. $3 int[].
inline constexpr pg::Statement persist_attempts{"persist_attempts", R"sql(
UPDATE queue_messages m SET attempts = greatest(m.attempts, f.attempts), updated_at = now()
  FROM (SELECT q.place, d.attempts FROM unnest($1::bigint[], $2::uuid[], $3::int[]) d(id, u, attempts), LATERAL (
          SELECT ctid place, msg_uuid FROM queue_messages WHERE id BETWEEN d.id AND d.id ORDER BY id LIMIT 1) q
         WHERE q.msg_uuid = d.u) f
 WHERE m.ctid = f.place RETURNING m.id
)sql"};

}  // namespace prompted::mqreader::sql
