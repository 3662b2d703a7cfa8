ALTER TABLE queue_messages DROP COLUMN partition_key;   -- and its index
