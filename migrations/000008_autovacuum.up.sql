-- The earlier system's later databases have a version 7 of their own. Said in one line here for golang-migrate's CLI, which marks
-- the database dirty all the same (docs/operations.md, "A database of another system"); deploy/host/migrate.sh asks before.
DO $$
BEGIN
    IF to_regclass('queue_readers') IS NULL THEN
        RAISE EXCEPTION 'this database is another system''s: version 7, and there is no table queue_readers. Nothing was changed but the mark "dirty": force version 7 takes it away';
    END IF;
END $$;

-- queue_messages turns over all day: its size says nothing about how many of its rows are dead, so vacuum runs by count and
-- at full speed. The room in each page (fillfactor) lets an UPDATE of attempts stay in its page, where no index is touched.
ALTER TABLE queue_messages SET (
    fillfactor = 90,
    autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_threshold = 5000,
    autovacuum_vacuum_insert_scale_factor = 0,
    autovacuum_vacuum_insert_threshold = 50000,
    autovacuum_analyze_scale_factor = 0,
    autovacuum_analyze_threshold = 10000,
    autovacuum_vacuum_cost_delay = 0,
    toast.autovacuum_vacuum_scale_factor = 0,
    toast.autovacuum_vacuum_threshold = 5000,
    toast.autovacuum_vacuum_cost_delay = 0
);
-- A handful of rows that are updated every second.
ALTER TABLE queue_readers SET (
    fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500, autovacuum_vacuum_cost_delay = 0);
ALTER TABLE queue_partitions SET (
    fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500, autovacuum_vacuum_cost_delay = 0);
