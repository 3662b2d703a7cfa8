DO $$
DECLARE
    found name;
BEGIN
    SELECT c.relname INTO found
      FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
     WHERE i.indrelid = 'queue_messages'::regclass AND NOT i.indisunique
       AND (SELECT array_agg(a.attname::text ORDER BY a.attnum)
              FROM pg_attribute a WHERE a.attrelid = i.indexrelid) = '{partition_key,state,id}'
     ORDER BY c.relname LIMIT 1;
    IF found IS NOT NULL THEN
        EXECUTE format('DROP INDEX %I', found);
    END IF;
    EXECUTE format('CREATE INDEX %I ON queue_messages (partition_key, state, id)',
                   coalesce(found, 'queue_messages_partition_key_state_id_idx'));
END $$;
DROP TABLE queue_incarnation;
ALTER TABLE queue_messages DROP COLUMN xid;   -- and its index
