#pragma once
// Every statement of mqwriter.
#include "postgres/statement.hpp"

namespace prompted::mqwriter::sql {

/// $1 text[] topics, each once; then arrays with one element a message: $2 int[] which topic, $3 uuid[] ids, $4 jsonb[]
/// payloads, $5 int[] partitions. They are ordered by id, so two writers that insert the same keys cannot deadlock. The
/// conflict target is named: a collision of the primary key (a sequence behind its rows) must not be mistaken for a
/// duplicate.
inline constexpr pg::Statement insert_messages{"insert_messages", R"sql(
INSERT INTO queue_messages (topic, msg_uuid, payload, partition_key)
SELECT ($1::text[])[m.topic], m.msg_uuid, m.payload, m.partition_key
  FROM unnest($2::int[], $3::uuid[], $4::jsonb[], $5::int[]) AS m(topic, msg_uuid, payload, partition_key)
    ON CONFLICT (topic, msg_uuid) DO NOTHING
)sql"};

/// Inserts messages of requests with an Idempotency-Key, and returns the ids that are in the queue already. An id there
/// with other content fails the whole statement (22P02): a cast is the only way to raise an error in plain SQL. So does
/// an id that this statement's snapshot cannot see yet; the retry compares it. BETWEEN and ORDER BY leave the planner
/// one index and one plan, even after it has seen the queue drained. If all are new, the usual case, the SELECT is not
/// executed: its first condition is the same for all rows.
inline constexpr pg::Statement insert_keyed_messages{"insert_keyed_messages", R"sql(
WITH inserted AS (
       INSERT INTO queue_messages (topic, msg_uuid, payload, partition_key)
       SELECT ($1::text[])[m.topic], m.msg_uuid, m.payload, m.partition_key
         FROM unnest($2::int[], $3::uuid[], $4::jsonb[], $5::int[]) AS m(topic, msg_uuid, payload, partition_key)
           ON CONFLICT (topic, msg_uuid) DO NOTHING
       RETURNING topic, msg_uuid)
SELECT ($1::text[])[m.topic], m.msg_uuid,
       CASE WHEN q.payload = m.payload THEN 0 ELSE ('another content under ' || m.msg_uuid)::int END
  FROM unnest($2::int[], $3::uuid[], $4::jsonb[]) AS m(topic, msg_uuid, payload)
  LEFT JOIN LATERAL (SELECT payload FROM queue_messages WHERE topic = ($1::text[])[m.topic]
                        AND msg_uuid BETWEEN m.msg_uuid AND m.msg_uuid ORDER BY msg_uuid LIMIT 1) q ON true
 WHERE (SELECT count(*) FROM inserted) < cardinality($3::uuid[])
   AND NOT EXISTS (SELECT 1 FROM inserted i WHERE i.topic = ($1::text[])[m.topic] AND i.msg_uuid = m.msg_uuid)
)sql"};

/// Makes a commit without new rows wait for synchronous standbys. A transaction that finds its rows present writes
/// nothing, so its commit would not wait. Yet the original commit may not have reached a standby, if its session was
/// terminated or the server crashed during that wait. This record follows that commit in the WAL, and its commit waits
/// for both (PostgreSQL 15 documentation 27.2.8).
inline constexpr pg::Statement wait_for_replication{"wait_for_replication",
                                                    "SELECT pg_logical_emit_message(true, 'prompted', '')"};

/// Finds the first message of one publish that is in the queue with other content. $1 topic, $2 uuid[], $3 jsonb[].
/// Returns its place in the arrays, counted from 1.
inline constexpr pg::Statement find_other_content{"find_other_content", R"sql(
SELECT m.place FROM unnest($2::uuid[], $3::jsonb[]) WITH ORDINALITY AS m(msg_uuid, payload, place), LATERAL (
         SELECT payload FROM queue_messages WHERE topic = $1 AND msg_uuid BETWEEN m.msg_uuid AND m.msg_uuid
          ORDER BY msg_uuid LIMIT 1) q
 WHERE q.payload <> m.payload LIMIT 1
)sql"};

/// Fails as the insert would for this payload.
inline constexpr pg::Statement check_payload{"check_payload", "SELECT $1::jsonb IS NOT NULL"};

/// Wakes readers, in a separate transaction after the commit. Inside the insert it would serialize all commits, because
/// a NOTIFY holds a database-wide lock until its transaction ends.
inline constexpr pg::Statement notify_readers{"notify_readers", "SELECT pg_notify('prompted_queue', '')"};

}  // namespace prompted::mqwriter::sql
