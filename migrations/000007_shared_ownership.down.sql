DROP TABLE queue_partitions;
DROP TABLE queue_readers;
