-- Which reader owns which partition: one heartbeat row a reader, whose deletion frees its partitions. Readers insert the
-- partitions they need, because MQ_PARTITION_COUNT is a setting.
CREATE TABLE queue_readers (
    reader_id  uuid        PRIMARY KEY,                 -- new for every start of a reader
    lo         int         NOT NULL,
    hi         int         NOT NULL,
    address    text        NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE TABLE queue_partitions (
    partition_key int  PRIMARY KEY,
    owner         uuid REFERENCES queue_readers ON DELETE SET NULL
);
