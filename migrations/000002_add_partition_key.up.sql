-- Rows from before partitions existed go to partition 0; a writer always names the partition, so no default stays.
ALTER TABLE queue_messages ADD COLUMN partition_key int NOT NULL DEFAULT 0;
ALTER TABLE queue_messages ALTER COLUMN partition_key DROP DEFAULT;
CREATE INDEX queue_messages_partition_key_state_id_idx ON queue_messages (partition_key, state, id);
