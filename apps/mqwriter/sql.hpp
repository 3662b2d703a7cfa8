#pragma once
// Every statement of mqwriter.
#include "postgres/statement.hpp"

namespace prompted::mqwriter::sql {

/// $1 text[] topics, each once; then arrays with one element a message: $2 int[] which topic, $3 uuid[] ids, $4 jsonb[]
/// payloads, $5 int[] partitions. They are ordered by id, so two writers that insert the same keys cannot deadlock. No conflict target: the statement stays valid on a distributed table.
inline constexpr pg::Statement insert_messages{
    "insert_messages",
    "INSERT INTO queue_messages (topic, msg_uuid, payload, partition_key)"
    " SELECT ($1::text[])[m.topic], m.msg_uuid, m.payload, m.partition_key"
    " FROM unnest($2::int[], $3::uuid[], $4::jsonb[], $5::int[]) AS m(topic, msg_uuid, payload, partition_key)"
    " ON CONFLICT DO NOTHING"};

/// The same, and tells which were new, for requests with an Idempotency-Key.
inline constexpr pg::Statement insert_keyed_messages{
    "insert_keyed_messages",
    "INSERT INTO queue_messages (topic, msg_uuid, payload, partition_key)"
    " SELECT ($1::text[])[m.topic], m.msg_uuid, m.payload, m.partition_key"
    " FROM unnest($2::int[], $3::uuid[], $4::jsonb[], $5::int[]) AS m(topic, msg_uuid, payload, partition_key)"
    " ON CONFLICT DO NOTHING RETURNING msg_uuid"};

/// Fails as the insert would on this one payload.
inline constexpr pg::Statement check_payload{"check_payload", "SELECT $1::jsonb IS NOT NULL"};

/// A hint for readers, in a transaction of its own after the commit: inside the insert it would serialize all commits
/// (a NOTIFY holds a database-wide lock until its transaction ends).
inline constexpr pg::Statement notify_readers{"notify_readers", "SELECT pg_notify('prompted_queue', '')"};

}  // namespace prompted::mqwriter::sql
