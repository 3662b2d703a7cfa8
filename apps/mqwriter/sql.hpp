#pragma once
// Every statement of mqwriter.
#include "postgres/statement.hpp"

namespace prompted::mqwriter::sql {

/// $1 text[] topics, each once; then arrays with one element a message: $2 int[] which topic, $3 uuid[] ids, $4 jsonb[]
/// payloads, $5 int[] partitions. They are ordered by id, so two writers that insert the same keys cannot deadlock. The
/// conflict target is named: a collision of the primary key (a sequence behind its rows) must not pass for a duplicate.
inline constexpr pg::Statement insert_messages{"insert_messages", R"sql(
INSERT INTO queue_messages (topic, msg_uuid, payload, partition_key)
SELECT ($1::text[])[m.topic], m.msg_uuid, m.payload, m.partition_key
  FROM unnest($2::int[], $3::uuid[], $4::jsonb[], $5::int[]) AS m(topic, msg_uuid, payload, partition_key)
    ON CONFLICT (topic, msg_uuid) DO NOTHING
)sql"};

/// The same for requests with an Idempotency-Key; returns the ids that are in the queue already. One that is there with
/// another content fails the statement (22P02), so that nothing of it is stored: a cast is the one way to raise an
/// error in plain SQL. So does one that this statement's snapshot cannot see yet: it is compared when the statement is
/// retried. BETWEEN and an order leave the planner one index and one way, also when it has seen the queue drained. When
/// all are new, which is the rule, the SELECT is not carried out: its first condition is the same for all rows.
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

/// A transaction that finds its rows there writes nothing, so its commit waits for no synchronous standby, and the
/// commit that it stands for may not have reached one: its session was terminated in that wait, or the server crashed
/// in it. This record comes after that commit in the log, and its own commit waits for both (PostgreSQL 15
/// documentation 27.2.8).
inline constexpr pg::Statement wait_for_replication{"wait_for_replication",
                                                    "SELECT pg_logical_emit_message(true, 'prompted', '')"};

/// The first of one publish's messages that is in the queue with another content. $1 topic, $2 uuid[], $3 jsonb[];
/// their place in the arrays, counted from 1.
inline constexpr pg::Statement find_other_content{"find_other_content", R"sql(
SELECT m.place FROM unnest($2::uuid[], $3::jsonb[]) WITH ORDINALITY AS m(msg_uuid, payload, place), LATERAL (
         SELECT payload FROM queue_messages WHERE topic = $1 AND msg_uuid BETWEEN m.msg_uuid AND m.msg_uuid
          ORDER BY msg_uuid LIMIT 1) q
 WHERE q.payload <> m.payload LIMIT 1
)sql"};

/// Fails as the insert would on this one payload.
inline constexpr pg::Statement check_payload{"check_payload", "SELECT $1::jsonb IS NOT NULL"};

/// A hint for readers, in a transaction of its own after the commit: inside the insert it would serialize all commits
/// (a NOTIFY holds a database-wide lock until its transaction ends).
inline constexpr pg::Statement notify_readers{"notify_readers", "SELECT pg_notify('prompted_queue', '')"};

}  // namespace prompted::mqwriter::sql
