#pragma once
// Statements of ownership: readers and the partitions that they own. None is prepared, as everywhere in mqreader
// (docs/toolchain.md).
#include "postgres/statement.hpp"

namespace prompted::mqreader::sql {

/// Renews this reader's row, once per heartbeat. $1 its id, $2 TTL in seconds. No row returned: the registration has
/// expired.
inline constexpr pg::Statement renew_reader{
    "renew_reader",
    "UPDATE queue_readers SET expires_at = now() + make_interval(secs => $2::float8)"
    " WHERE reader_id = $1::uuid AND expires_at > now() RETURNING 1"};

/// $2, $3 the range, $4 the address, $5 TTL in seconds, $6 the machine (Registration::host).
inline constexpr pg::Statement register_reader{
    "register_reader",
    "INSERT INTO queue_readers (reader_id, lo, hi, address, expires_at, ttl_seconds, host)"
    " VALUES ($1::uuid, $2::int, $3::int, $4, now() + make_interval(secs => $5::float8), $5::float8, $6)"};

/// Readers registered with this reader's address ($1) on its machine ($2).
inline constexpr pg::Statement list_predecessors{
    "list_predecessors", "SELECT reader_id FROM queue_readers WHERE address = $1 AND host = $2"};

/// Reaps a reader whose row has not changed from $2 for longer than its TTL. The database's clock may have been set
/// back.
inline constexpr pg::Statement reap_silent_reader{
    "reap_silent_reader",
    "DELETE FROM queue_readers WHERE reader_id = $1::uuid AND extract(epoch FROM expires_at)::text = $2"};

inline constexpr pg::Statement make_partitions{"make_partitions",
                                               "INSERT INTO queue_partitions (partition_key) SELECT generate_series(0, "
                                               "$1::int - 1) ON CONFLICT (partition_key) DO NOTHING"};

/// Expiry IS the deletion of the row, so renewing and reaping contend for one lock. The foreign key frees its
/// partitions.
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

/// $1 int[] wanted, $2 this reader's id. A foreign-key error means that this reader's row was reaped.
inline constexpr pg::Statement claim_partitions{
    "claim_partitions",
    "WITH c AS (SELECT partition_key FROM queue_partitions WHERE partition_key = ANY($1::int[]) AND owner IS NULL"
    " ORDER BY 1 FOR UPDATE SKIP LOCKED)"
    " UPDATE queue_partitions p SET owner = $2::uuid FROM c WHERE p.partition_key = c.partition_key RETURNING "
    "p.partition_key"};

/// Run only after this reader has stopped serving them.
inline constexpr pg::Statement release_partitions{
    "release_partitions",
    "UPDATE queue_partitions SET owner = NULL WHERE owner = $2::uuid AND partition_key = ANY($1::int[])"};

/// On SIGTERM: frees all partitions at once.
inline constexpr pg::Statement delete_reader{"delete_reader", "DELETE FROM queue_readers WHERE reader_id = $1::uuid"};

}  // namespace prompted::mqreader::sql
