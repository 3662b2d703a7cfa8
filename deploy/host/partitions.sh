#!/usr/bin/env bash
# Changes the queue's partition count: partitions.sh COUNT. Stores the count, ends the sessions of mqwriters and
# mqreaders (which then refuse to serve with the old count), and moves queued messages to their new partitions. Then
# start the daemons with MQ_PARTITION_COUNT=COUNT. No message is lost; the script may be run again.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
source "$HOST/dsn.sh"
source "$HOST/postgres.sh"

count=${1:-}
[[ $count =~ ^[1-9][0-9]{0,4}$ && $count -le 65536 ]] || die "usage: make partitions COUNT=n (1 to 65536)"
find_database
hide_password
command -v psql > /dev/null || die "psql is not on PATH; install the package postgresql-client"
DATABASE_URL=$(libpq_dsn "$DATABASE_URL")

sql() { psql -X -q -At -F ' ' -v ON_ERROR_STOP=1 -v "count=$count" "$@" -d "$DATABASE_URL"; }

# Stores the count before ending sessions, so that a daemon that connects in between sees it.
since=$(sql <<'SQL'
INSERT INTO queue_settings (id, partition_count) VALUES (1, :count)
  ON CONFLICT (id) DO UPDATE SET partition_count = :count;
SELECT extract(epoch FROM clock_timestamp());
SQL
) || die "failed to change the number of partitions"
# Sessions are found by the daemons' application names. A session ended during its commit may still add rows, so the
# script waits for it. Without rights on another role's session its start is NULL; it cannot be ended either, which must
# be reported.
daemons="FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'prompted-mq%'
         AND pid <> pg_backend_pid() AND (backend_start IS NULL OR extract(epoch FROM backend_start) <= $since)"
sql <<< "SELECT pg_terminate_backend(pid) $daemons" > /dev/null ||
  die "the number of partitions was changed, but this role may not end the daemons' sessions;" \
    "stop mqwriter and mqreader, then run this again"
until [[ $(sql <<< "SELECT count(*) $daemons") == 0 ]]; do sleep 0.2; done

moved=0 last=0
while :; do   # page by page, so that no statement locks many rows for long. A new xid: polls see a moved row as new.
  read -r rows changed last < <(sql -v "last=$last" <<'SQL'
WITH page AS (SELECT id, partition_key, queue_partition(payload, :count) AS target FROM queue_messages
               WHERE id > :last ORDER BY id LIMIT 5000 FOR UPDATE),
     moved AS (UPDATE queue_messages m SET partition_key = p.target, xid = pg_current_xact_id()
                 FROM page p WHERE m.id = p.id AND p.partition_key <> p.target RETURNING 1)
SELECT count(*), (SELECT count(*) FROM moved), coalesce(max(id), 0) FROM page;
SQL
  ) || die "failed to move the waiting messages; run this again"
  moved=$((moved + changed))
  [[ $rows -gt 0 ]] || break
done
sql <<'SQL' || die "failed to trim queue_partitions; run this again"
DELETE FROM queue_partitions WHERE partition_key >= :count;
SQL
say "the queue now has $count partitions; moved $moved waiting messages." \
  "Start mqwriter and mqreader with MQ_PARTITION_COUNT=$count"
