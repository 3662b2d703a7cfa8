#pragma once
// Every statement of mqreader. None is prepared: a generic plan made while the queue was drained can be 41 times slower.
#include "postgres/statement.hpp"

namespace prompted::mqreader::sql {

/// $1 partitions int[], $2 cursor xid8[], $3 cursor id bigint[] ((0,0) = none), $4 base snapshot, $5 target
/// snapshot or NULL, $6 rows a partition, $7 topic, $8 rows of the page, $9 its bytes: the payloads of the rows behind them are
/// NULL. The first row (id NULL) carries the target, the incarnation and the server's start: two statements would be two snapshots. The first branch reads what was in progress in
/// the base, the second what is newer; a separate `xid >= xmax` beside the row comparison would start the scan too early, and
/// `xid = x AND id > i ORDER BY id` could be read from the primary key, the whole queue for each partition.
inline constexpr pg::Statement poll{"poll", R"sql(
WITH t AS MATERIALIZED (SELECT coalesce($5::pg_snapshot, pg_current_snapshot()) t)
SELECT NULL::bigint id, NULL::xid8 xid, NULL::int partition_key, NULL::uuid msg_uuid, NULL::int attempts,
       NULL::float8 created, t.t::text, (SELECT v FROM queue_incarnation)::text v, extract(epoch FROM pg_postmaster_start_time())::text
  FROM t
UNION ALL
(SELECT id, xid, partition_key, msg_uuid, attempts, date_part('epoch', created_at),
        CASE WHEN coalesce(sum(octet_length(payload)) OVER (ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) < $9::bigint
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

/// Rows restored from another cluster carry xids that this one has not reached yet: no snapshot would ever see them.
/// $1 int[] partitions, $2 topic, $3 rows of one statement: a dump may have brought millions. By place, as below; a row that is
/// skipped is met by the next sweep.
inline constexpr pg::Statement adopt_foreign_rows{"adopt_foreign_rows", R"sql(
UPDATE queue_messages SET xid = pg_current_xact_id() WHERE ctid = ANY(ARRAY(
  SELECT q.place FROM unnest($1::int[]) p(k), LATERAL (
    SELECT ctid place FROM queue_messages
     WHERE partition_key = p.k AND topic = $2 AND xid >= pg_snapshot_xmax(pg_current_snapshot()) ORDER BY xid, id LIMIT $3::int) q LIMIT $3::int))
)sql"};

// The next three find a row's place first and then go to it. Said as a plain join (q.id = d.id), the planner that has seen the
// queue drained walks all of the queue for each id: 10 s for 1,000 of 60,000. BETWEEN and an order leave it one index and one way.
// A row that another transaction updates in between is skipped, because its place is no longer the one found (PostgreSQL 13.13
// on): Store runs them once more, in a new snapshot, when fewer rows were met than named.

/// Messages that were acknowledged. $1 bigint[], $2 uuid[]; $3, $4 the server that they were read from: on another one (after
/// a failover that lost the telemetry rows, say) nothing is deleted. One row: whether it is that server, how many were deleted.
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

/// The move to dead_letters in one statement; a message whose row reached telemetry after all is only removed, unless its
/// consumer says that the history has another content under its id ($5 int[], 1: yes). $4 text[] reasons; $6, $7 as $3, $4 of
/// delete_messages, and the same two columns come back.
inline constexpr pg::Statement bury_messages{"bury_messages", R"sql(
WITH server AS MATERIALIZED (
       SELECT EXISTS (SELECT 1 FROM queue_incarnation
                       WHERE v = $6::uuid AND extract(epoch FROM pg_postmaster_start_time())::text = $7) AS same),
     d AS (
       DELETE FROM queue_messages m
        USING (SELECT q.place, x.attempts, x.reason, x.in_history
                 FROM unnest($1::bigint[], $2::uuid[], $3::int[], $4::text[], $5::int[]) x(id, u, attempts, reason, in_history),
                      LATERAL (
                   SELECT ctid place, msg_uuid FROM queue_messages WHERE id BETWEEN x.id AND x.id ORDER BY id LIMIT 1) q
                WHERE q.msg_uuid = x.u AND (SELECT same FROM server)) f
        WHERE m.ctid = f.place
       RETURNING m.topic, m.msg_uuid, m.partition_key, m.payload, greatest(m.attempts, f.attempts) attempts, f.reason,
                 m.created_at, f.in_history),
     buried AS (
       INSERT INTO dead_letters (topic, msg_uuid, partition_key, payload, attempts, reason, created_at)
       SELECT topic, msg_uuid, partition_key, payload, attempts, reason, created_at FROM d
        WHERE d.topic <> 'telemetry' OR d.in_history = 1 OR NOT EXISTS (SELECT 1 FROM telemetry t WHERE t.uuid = d.msg_uuid)
           ON CONFLICT (topic, msg_uuid) DO UPDATE SET payload = excluded.payload, attempts = excluded.attempts,
              reason = excluded.reason, died_at = now())
SELECT same, (SELECT count(*) FROM d) FROM server
)sql"};

/// The sweep: what is left in the table of all that was handed over. $1 int[], $2 base texts, $3 target texts, $4 xid8[],
/// $5 bigint[], $6 topic, $7 most rows of a partition, $8 xid8[] floors: older rows were looked at before, and walking over the
/// dead ones among them again is what made a sweep dear. The first row (id NULL) carries the incarnation and the server's start:
/// after a crash reused xids look as if they had been handed over, and the poll need not have noticed yet.
inline constexpr pg::Statement list_seen{"list_seen", R"sql(
SELECT NULL::bigint id, NULL::uuid msg_uuid, (SELECT v FROM queue_incarnation)::text v, extract(epoch FROM pg_postmaster_start_time())::text
UNION ALL
(SELECT q.id, q.msg_uuid, NULL, NULL
  FROM unnest($1::int[], $2::text[], $3::text[], $4::xid8[], $5::bigint[], $8::xid8[]) s(k, base, target, cx, ci, floor),
       LATERAL (
  SELECT id, msg_uuid FROM queue_messages WHERE partition_key = s.k AND topic = $6 AND xid >= s.floor
     AND xid < greatest(pg_snapshot_xmax(s.base::pg_snapshot), pg_snapshot_xmax(s.target::pg_snapshot))
     AND (pg_visible_in_snapshot(xid, s.base::pg_snapshot)
          OR (pg_visible_in_snapshot(xid, s.target::pg_snapshot) AND (xid, id) <= (s.cx, s.ci)))
   ORDER BY xid, id LIMIT $7::int) q)
)sql"};

/// What waits, topic by topic, in the partitions $1 int[]; and, in the row without a topic, what lies in partitions from $2
/// on, which nobody may own. Counts end at 10,000 a partition, and topics at 16: this may not cost what a poll costs.
inline constexpr pg::Statement count_backlog{"count_backlog", R"sql(
WITH RECURSIVE topics AS (
       (SELECT topic FROM queue_messages ORDER BY topic LIMIT 1)
       UNION ALL
       SELECT (SELECT q.topic FROM queue_messages q WHERE q.topic > t.topic ORDER BY q.topic LIMIT 1)
         FROM topics t WHERE t.topic IS NOT NULL)
SELECT t.topic, sum(waiting.rows)::bigint, min(oldest.created)
  FROM (SELECT topic FROM topics WHERE topic IS NOT NULL LIMIT 16) t, unnest($1::int[]) p(k),
       LATERAL (SELECT count(*) AS rows
                  FROM (SELECT 1 FROM queue_messages WHERE partition_key = p.k AND topic = t.topic LIMIT 10000) counted) waiting,
       LATERAL (SELECT (SELECT date_part('epoch', created_at) FROM queue_messages
                         WHERE partition_key = p.k AND topic = t.topic ORDER BY xid, id LIMIT 1) AS created) oldest
 GROUP BY t.topic HAVING sum(waiting.rows) > 0
UNION ALL
SELECT NULL, (SELECT count(*) FROM (SELECT 1 FROM queue_messages WHERE partition_key >= $2::int LIMIT 10000) beyond), NULL
)sql"};

/// Rows that the sweep found missing. $1 bigint[].
inline constexpr pg::Statement fetch_messages{"fetch_messages", R"sql(
SELECT q.* FROM unnest($1::bigint[]) d(id), LATERAL (
  SELECT id, xid, partition_key, msg_uuid, attempts, date_part('epoch', created_at), payload::text
    FROM queue_messages WHERE id BETWEEN d.id AND d.id ORDER BY id LIMIT 1) q
)sql"};

/// Ownership: one row a heartbeat. $1 my id, $2 TTL in seconds. No row back: I am dead.
inline constexpr pg::Statement renew_reader{
    "renew_reader",
    "UPDATE queue_readers SET expires_at = now() + make_interval(secs => $2::float8)"
    " WHERE reader_id = $1::uuid AND expires_at > now() RETURNING 1"};

/// $2, $3 the range, $4 the address, $5 TTL in seconds, $6 the machine (Registration::host).
inline constexpr pg::Statement register_reader{
    "register_reader",
    "INSERT INTO queue_readers (reader_id, lo, hi, address, expires_at, ttl_seconds, host)"
    " VALUES ($1::uuid, $2::int, $3::int, $4, now() + make_interval(secs => $5::float8), $5::float8, $6)"};

/// Who has registered my address ($1) on my machine ($2).
inline constexpr pg::Statement list_predecessors{
    "list_predecessors", "SELECT reader_id FROM queue_readers WHERE address = $1 AND host = $2"};

/// A reader whose row stayed as it was ($2) for longer than its TTL. The database's own clock may have been set back.
inline constexpr pg::Statement reap_silent_reader{
    "reap_silent_reader",
    "DELETE FROM queue_readers WHERE reader_id = $1::uuid AND extract(epoch FROM expires_at)::text = $2"};

inline constexpr pg::Statement make_partitions{"make_partitions",
                                               "INSERT INTO queue_partitions (partition_key) SELECT generate_series(0, "
                                               "$1::int - 1) ON CONFLICT (partition_key) DO NOTHING"};

/// Expiry IS the deletion of the row, so renewing and reaping meet on one lock; the foreign key frees its partitions.
inline constexpr pg::Statement reap_readers{
    "reap_readers",
    "DELETE FROM queue_readers WHERE reader_id IN"
    " (SELECT reader_id FROM queue_readers WHERE expires_at <= now() FOR UPDATE SKIP LOCKED)"};

inline constexpr pg::Statement list_readers{
    "list_readers",
    "SELECT reader_id, lo, hi, address, extract(epoch FROM expires_at)::text, coalesce(ttl_seconds, 0)"
    " FROM queue_readers WHERE expires_at > now() ORDER BY reader_id"};

inline constexpr pg::Statement list_owners{
    "list_owners", "SELECT partition_key, owner FROM queue_partitions WHERE partition_key < $1::int"};

/// $1 int[] wanted, $2 my id. A foreign-key error: I am dead.
inline constexpr pg::Statement claim_partitions{
    "claim_partitions",
    "WITH c AS (SELECT partition_key FROM queue_partitions WHERE partition_key = ANY($1::int[]) AND owner IS NULL"
    " ORDER BY 1 FOR UPDATE SKIP LOCKED)"
    " UPDATE queue_partitions p SET owner = $2::uuid FROM c WHERE p.partition_key = c.partition_key RETURNING "
    "p.partition_key"};

/// After having stopped serving them.
inline constexpr pg::Statement release_partitions{
    "release_partitions",
    "UPDATE queue_partitions SET owner = NULL WHERE owner = $2::uuid AND partition_key = ANY($1::int[])"};

/// On SIGTERM: everything is free at once.
inline constexpr pg::Statement delete_reader{"delete_reader", "DELETE FROM queue_readers WHERE reader_id = $1::uuid"};

/// One page of dead letters behind the place ($1, $2, $3), in the order of their places; $4 topic or NULL, $5 rows and one more,
/// $6 bytes that may come before the last row. `fetched` tells whether there are more.
inline constexpr pg::Statement list_dead_letters{"list_dead_letters", R"sql(
SELECT topic, msg_uuid, partition_key, attempts, reason, to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
       to_char(died_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), payload, fetched
  FROM (SELECT *, count(*) OVER () AS fetched, row_number() OVER (ORDER BY died_at, msg_uuid, topic) AS place,
               sum(octet_length(payload) + octet_length(reason))
                 OVER (ORDER BY died_at, msg_uuid, topic ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS bytes_before
          FROM (SELECT topic, msg_uuid, partition_key, attempts, reason, created_at, died_at, payload::text AS payload
                  FROM dead_letters
                 WHERE (died_at, msg_uuid, topic) > ($1::timestamptz, $2::uuid, $3::text) AND ($4::text IS NULL OR topic = $4::text)
                 ORDER BY died_at, msg_uuid, topic LIMIT $5::bigint) letters) page
 WHERE place < $5::bigint AND coalesce(bytes_before, 0) < $6::bigint
 ORDER BY died_at, msg_uuid, topic)sql"};

/// "All" means those that have died by now: a poison that dies again while a redrive runs is not of them.
inline constexpr pg::Statement read_clock{"read_clock", "SELECT clock_timestamp()::text"};

/// One page back into the queue, as if published anew: its own id and xid, no attempts. $1, $2 the last page's last key, $3 topic
/// or NULL, $4 died until, $5 rows, $6 partitions of the queue, which may have been others when it died. Whoever else has a row at hand keeps it (SKIP LOCKED). In the order of uuids, as every
/// insert into the queue; one that is in the queue again already stays as it is there. The last key of the page comes back first.
inline constexpr pg::Statement redrive_page{"redrive_page", R"sql(
WITH page AS (SELECT ctid place, topic, msg_uuid FROM dead_letters
               WHERE (topic, msg_uuid) >= ($1::text, $2::uuid) AND ($3::text IS NULL OR topic <= $3::text) AND died_at <= $4::timestamptz
               ORDER BY topic, msg_uuid LIMIT $5::bigint FOR UPDATE SKIP LOCKED),
     d AS (DELETE FROM dead_letters l USING page p WHERE l.ctid = p.place
           RETURNING l.topic, l.msg_uuid, l.payload, l.created_at),
     i AS (INSERT INTO queue_messages (topic, msg_uuid, payload, partition_key, created_at)
           SELECT topic, msg_uuid, payload, queue_partition(payload, $6::int), created_at FROM d ORDER BY msg_uuid, topic
               ON CONFLICT (topic, msg_uuid) DO NOTHING)
SELECT topic, msg_uuid, count(*) OVER () FROM d ORDER BY topic DESC, msg_uuid DESC LIMIT 1)sql"};

/// The same away. One page of them.
inline constexpr pg::Statement purge_page{"purge_page", R"sql(
WITH page AS (SELECT ctid place, topic, msg_uuid FROM dead_letters
               WHERE (topic, msg_uuid) >= ($1::text, $2::uuid) AND ($3::text IS NULL OR topic <= $3::text) AND died_at <= $4::timestamptz
               ORDER BY topic, msg_uuid LIMIT $5::bigint FOR UPDATE SKIP LOCKED),
     d AS (DELETE FROM dead_letters l USING page p WHERE l.ctid = p.place RETURNING l.topic, l.msg_uuid)
SELECT topic, msg_uuid, count(*) OVER () FROM d ORDER BY topic DESC, msg_uuid DESC LIMIT 1)sql"};

/// The named ones. $1 uuid[], $2 topic or NULL: then each topic there is, because the key begins with it (by the uuid alone it
/// would be one scan of the whole index for each uuid). $3 partitions of the queue.
inline constexpr pg::Statement redrive_named{"redrive_named", R"sql(
WITH RECURSIVE topics AS (
       SELECT coalesce($2::text, (SELECT min(topic) FROM dead_letters)) AS topic
       UNION ALL
       SELECT (SELECT min(l.topic) FROM dead_letters l WHERE l.topic > t.topic) FROM topics t WHERE $2::text IS NULL AND t.topic IS NOT NULL),
     keys AS MATERIALIZED (SELECT topic, u FROM topics, unnest($1::uuid[]) u WHERE topic IS NOT NULL),
     page AS (SELECT l.place FROM keys k, LATERAL (
                SELECT ctid place FROM dead_letters WHERE topic = k.topic AND msg_uuid BETWEEN k.u AND k.u
                 ORDER BY msg_uuid LIMIT 1 FOR UPDATE SKIP LOCKED) l),
     d AS (DELETE FROM dead_letters l USING page p WHERE l.ctid = p.place
           RETURNING l.topic, l.msg_uuid, l.payload, l.created_at),
     i AS (INSERT INTO queue_messages (topic, msg_uuid, payload, partition_key, created_at)
           SELECT topic, msg_uuid, payload, queue_partition(payload, $3::int), created_at FROM d ORDER BY msg_uuid, topic
               ON CONFLICT (topic, msg_uuid) DO NOTHING)
SELECT count(*) FROM d)sql"};

inline constexpr pg::Statement purge_named{"purge_named", R"sql(
WITH RECURSIVE topics AS (
       SELECT coalesce($2::text, (SELECT min(topic) FROM dead_letters)) AS topic
       UNION ALL
       SELECT (SELECT min(l.topic) FROM dead_letters l WHERE l.topic > t.topic) FROM topics t WHERE $2::text IS NULL AND t.topic IS NOT NULL),
     keys AS MATERIALIZED (SELECT topic, u FROM topics, unnest($1::uuid[]) u WHERE topic IS NOT NULL),
     page AS (SELECT l.place FROM keys k, LATERAL (
                SELECT ctid place FROM dead_letters WHERE topic = k.topic AND msg_uuid BETWEEN k.u AND k.u
                 ORDER BY msg_uuid LIMIT 1 FOR UPDATE SKIP LOCKED) l),
     d AS (DELETE FROM dead_letters l USING page p WHERE l.ctid = p.place RETURNING 1)
SELECT count(*) FROM d)sql"};

/// Readers look at once: the same hint as a writer's, in a transaction of its own.
inline constexpr pg::Statement notify_readers{"notify_readers", "SELECT pg_notify('prompted_queue', '')"};

}  // namespace prompted::mqreader::sql
