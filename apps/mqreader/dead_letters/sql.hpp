#pragma once
// Statements of dead letters: the move into dead_letters, listing, redrive and purge. None is prepared: a generic plan
// made while the queue was drained can be 41 times slower (docs/toolchain.md). The move finds rows by place as
// lease/sql.hpp does.
#include "postgres/statement.hpp"

namespace prompted::mqreader::sql {

/// The move to dead_letters in one statement; a message whose row did reach telemetry is only removed, unless its
/// consumer says that the history has other content under its id ($5 int[], 1: yes). $4 text[] reasons; $6, $7 as $3,
/// $4 of delete_messages. Returns the same two columns.
inline constexpr pg::Statement dead_letter_messages{"dead_letter_messages", R"sql(
WITH server AS MATERIALIZED (
       SELECT EXISTS (SELECT 1 FROM queue_incarnation
                       WHERE v = $6::uuid AND extract(epoch FROM pg_postmaster_start_time())::text = $7) AS same),
     d AS (
       DELETE FROM queue_messages m
        USING (SELECT q.place, x.attempts, x.reason, x.in_history
                 FROM unnest($1::bigint[], $2::uuid[], $3::int[], $4::text[], $5::int[])
                        x(id, u, attempts, reason, in_history),
                      LATERAL (
                   SELECT ctid place, msg_uuid FROM queue_messages WHERE id BETWEEN x.id AND x.id ORDER BY id LIMIT 1) q
                WHERE q.msg_uuid = x.u AND (SELECT same FROM server)) f
        WHERE m.ctid = f.place
       RETURNING m.topic, m.msg_uuid, m.partition_key, m.payload, greatest(m.attempts, f.attempts) attempts, f.reason,
                 m.created_at, f.in_history),
     moved AS (
       INSERT INTO dead_letters (topic, msg_uuid, partition_key, payload, attempts, reason, created_at)
       SELECT topic, msg_uuid, partition_key, payload, attempts, reason, created_at FROM d
        WHERE d.topic <> 'telemetry' OR d.in_history = 1
           OR NOT EXISTS (SELECT 1 FROM telemetry t WHERE t.uuid = d.msg_uuid)
           ON CONFLICT (topic, msg_uuid) DO UPDATE SET payload = excluded.payload, attempts = excluded.attempts,
              reason = excluded.reason, died_at = now())
SELECT same, (SELECT count(*) FROM d) FROM server
)sql"};

/// One page of dead letters after the place ($1, $2, $3), in order of place. $4 topic or NULL, $5 rows plus one, $6
/// maximum bytes before the last row. `fetched` tells whether there are more.
inline constexpr pg::Statement list_dead_letters{"list_dead_letters", R"sql(
SELECT topic, msg_uuid, partition_key, attempts, reason,
       to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
       to_char(died_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), payload, fetched
  FROM (SELECT *, count(*) OVER () AS fetched, row_number() OVER (ORDER BY died_at, msg_uuid, topic) AS place,
               sum(octet_length(payload) + octet_length(reason))
                 OVER (ORDER BY died_at, msg_uuid, topic
                       ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS bytes_before
          FROM (SELECT topic, msg_uuid, partition_key, attempts, reason, created_at, died_at, payload::text AS payload
                  FROM dead_letters
                 WHERE (died_at, msg_uuid, topic) > ($1::timestamptz, $2::uuid, $3::text)
                   AND ($4::text IS NULL OR topic = $4::text)
                 ORDER BY died_at, msg_uuid, topic LIMIT $5::bigint) letters) page
 WHERE place < $5::bigint AND coalesce(bytes_before, 0) < $6::bigint
 ORDER BY died_at, msg_uuid, topic)sql"};

/// Reads the time that bounds "all": a poison that dies again while a redrive runs is not included.
inline constexpr pg::Statement read_clock{"read_clock", "SELECT clock_timestamp()::text"};

/// Redrives one page, as if published anew: new id and xid, no attempts. $1, $2 the previous page's last key, $3 topic
/// or NULL, $4 latest time of death, $5 rows, $6 the queue's partition count, which may have changed since the death.
/// Rows locked by another transaction are skipped. Inserts in uuid order, as every insert into the queue does; a
/// message that is in the queue again already stays as it is there. Returns the page's last key.
inline constexpr pg::Statement redrive_page{"redrive_page", R"sql(
WITH page AS (SELECT ctid place, topic, msg_uuid FROM dead_letters
               WHERE (topic, msg_uuid) >= ($1::text, $2::uuid) AND ($3::text IS NULL OR topic <= $3::text)
                 AND died_at <= $4::timestamptz
               ORDER BY topic, msg_uuid LIMIT $5::bigint FOR UPDATE SKIP LOCKED),
     d AS (DELETE FROM dead_letters l USING page p WHERE l.ctid = p.place
           RETURNING l.topic, l.msg_uuid, l.payload, l.created_at),
     i AS (INSERT INTO queue_messages (topic, msg_uuid, payload, partition_key, created_at)
           SELECT topic, msg_uuid, payload, queue_partition(payload, $6::int), created_at
             FROM d ORDER BY msg_uuid, topic
               ON CONFLICT (topic, msg_uuid) DO NOTHING)
SELECT topic, msg_uuid, count(*) OVER () FROM d ORDER BY topic DESC, msg_uuid DESC LIMIT 1)sql"};

/// Purges one page. Parameters and result as redrive_page, without $6.
inline constexpr pg::Statement purge_page{"purge_page", R"sql(
WITH page AS (SELECT ctid place, topic, msg_uuid FROM dead_letters
               WHERE (topic, msg_uuid) >= ($1::text, $2::uuid) AND ($3::text IS NULL OR topic <= $3::text)
                 AND died_at <= $4::timestamptz
               ORDER BY topic, msg_uuid LIMIT $5::bigint FOR UPDATE SKIP LOCKED),
     d AS (DELETE FROM dead_letters l USING page p WHERE l.ctid = p.place RETURNING l.topic, l.msg_uuid)
SELECT topic, msg_uuid, count(*) OVER () FROM d ORDER BY topic DESC, msg_uuid DESC LIMIT 1)sql"};

/// Redrives the named dead letters. $1 uuid[], $2 topic or NULL, $3 the queue's partition count. Without a topic it
/// tries each topic, because the key begins with it: by uuid alone, each uuid would scan the whole index.
inline constexpr pg::Statement redrive_named{"redrive_named", R"sql(
WITH RECURSIVE topics AS (
       SELECT coalesce($2::text, (SELECT min(topic) FROM dead_letters)) AS topic
       UNION ALL
       SELECT (SELECT min(l.topic) FROM dead_letters l WHERE l.topic > t.topic)
         FROM topics t WHERE $2::text IS NULL AND t.topic IS NOT NULL),
     keys AS MATERIALIZED (SELECT topic, u FROM topics, unnest($1::uuid[]) u WHERE topic IS NOT NULL),
     page AS (SELECT l.place FROM keys k, LATERAL (
                SELECT ctid place FROM dead_letters WHERE topic = k.topic AND msg_uuid BETWEEN k.u AND k.u
                 ORDER BY msg_uuid LIMIT 1 FOR UPDATE SKIP LOCKED) l),
     d AS (DELETE FROM dead_letters l USING page p WHERE l.ctid = p.place
           RETURNING l.topic, l.msg_uuid, l.payload, l.created_at),
     i AS (INSERT INTO queue_messages (topic, msg_uuid, payload, partition_key, created_at)
           SELECT topic, msg_uuid, payload, queue_partition(payload, $3::int), created_at
             FROM d ORDER BY msg_uuid, topic
               ON CONFLICT (topic, msg_uuid) DO NOTHING)
SELECT count(*) FROM d)sql"};

inline constexpr pg::Statement purge_named{"purge_named", R"sql(
WITH RECURSIVE topics AS (
       SELECT coalesce($2::text, (SELECT min(topic) FROM dead_letters)) AS topic
       UNION ALL
       SELECT (SELECT min(l.topic) FROM dead_letters l WHERE l.topic > t.topic)
         FROM topics t WHERE $2::text IS NULL AND t.topic IS NOT NULL),
     keys AS MATERIALIZED (SELECT topic, u FROM topics, unnest($1::uuid[]) u WHERE topic IS NOT NULL),
     page AS (SELECT l.place FROM keys k, LATERAL (
                SELECT ctid place FROM dead_letters WHERE topic = k.topic AND msg_uuid BETWEEN k.u AND k.u
                 ORDER BY msg_uuid LIMIT 1 FOR UPDATE SKIP LOCKED) l),
     d AS (DELETE FROM dead_letters l USING page p WHERE l.ctid = p.place RETURNING 1)
SELECT count(*) FROM d)sql"};

/// Makes readers poll at once: the same hint as a writer's, in a separate transaction.
inline constexpr pg::Statement notify_readers{"notify_readers", "SELECT pg_notify('prompted_queue', '')"};

}  // namespace prompted::mqreader::sql
