ALTER TABLE queue_readers DROP COLUMN ttl_seconds, DROP COLUMN host;
DROP FUNCTION queue_partition(jsonb, int);
DROP TABLE queue_settings;
