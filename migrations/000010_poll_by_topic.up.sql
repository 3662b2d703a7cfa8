-- The poll reads one topic: without it in the index, each poll from the beginning passed over the rows of all others.
CREATE INDEX queue_messages_partition_key_topic_xid_id_idx ON queue_messages (partition_key, topic, xid, id);
DROP INDEX queue_messages_partition_key_xid_id_idx;
