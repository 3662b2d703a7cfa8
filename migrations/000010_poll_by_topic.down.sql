CREATE INDEX queue_messages_partition_key_xid_id_idx ON queue_messages (partition_key, xid, id);
DROP INDEX queue_messages_partition_key_topic_xid_id_idx;
