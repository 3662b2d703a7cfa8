-- What all daemons of one queue must agree on. The first of them writes its MQ_PARTITION_COUNT here; a daemon with another
-- one does not serve. make partitions COUNT=n changes it and moves the waiting rows.
CREATE TABLE queue_settings (
    id              int PRIMARY KEY DEFAULT 1 CHECK (id = 1),
    partition_count int NOT NULL CHECK (partition_count BETWEEN 1 AND 65536)
);

-- The partition of a message, as mqwriter computes it: FNV-1a (32 bits) of the GPU's bytes. The GPU is `uuid` when that is
-- one of NVIDIA's, else `gpu_id`. For what is put back into the queue, when the count may have changed since.
CREATE FUNCTION queue_partition(payload jsonb, partition_count int) RETURNS int
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    gpu  bytea;
    hash bigint := 2166136261;
BEGIN
    gpu := convert_to(CASE WHEN jsonb_typeof(payload -> 'uuid') = 'string' AND payload ->> 'uuid' ~ '^(GPU|MIG)-' THEN payload ->> 'uuid'
                           WHEN jsonb_typeof(payload -> 'gpu_id') = 'string' THEN payload ->> 'gpu_id'
                           ELSE '' END, 'UTF8');
    FOR i IN 0 .. length(gpu) - 1 LOOP
        hash := ((hash # get_byte(gpu, i)) * 16777619) & 4294967295;
    END LOOP;
    RETURN hash % partition_count;
END $$;

-- On which machine a reader runs (its kernel's boot id), so that its successor at the same address need not wait for the TTL;
-- and the TTL, so that others can tell by their own clocks that it has fallen silent.
ALTER TABLE queue_readers ADD COLUMN host text, ADD COLUMN ttl_seconds float8;
