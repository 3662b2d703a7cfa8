-- Leases live in a reader's memory from here on (docs/queue.md): what the earlier reader had leased becomes ready again,
-- what it had acked is done.
UPDATE queue_messages
   SET state = 'ready', leased_by = NULL, lease_id = NULL, lease_until = NULL, updated_at = now()
 WHERE state = 'in_flight';
DELETE FROM queue_messages WHERE state = 'acked';
ALTER TABLE queue_messages ALTER COLUMN state SET DEFAULT 'ready';

-- The lease indexes become partial, so that a ready row pays nothing for them. They are found by their columns and keep
-- their names: the earlier system's databases may call them otherwise than ours.
DO $$
DECLARE
    wanted record;
    found  name;
BEGIN
    FOR wanted IN VALUES ('{topic,state,lease_until}', 'state = ''in_flight''', 'queue_messages_topic_state_lease_until_idx'),
                         ('{lease_id}', 'lease_id IS NOT NULL', 'queue_messages_lease_id_idx')
    LOOP
        SELECT c.relname INTO found
          FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
         WHERE i.indrelid = 'queue_messages'::regclass AND NOT i.indisunique
           AND (SELECT array_agg(a.attname::text ORDER BY a.attnum)
                  FROM pg_attribute a WHERE a.attrelid = i.indexrelid) = wanted.column1::text[]
         ORDER BY c.relname LIMIT 1;
        IF found IS NOT NULL THEN
            EXECUTE format('DROP INDEX %I', found);
        END IF;
        EXECUTE format('CREATE INDEX %I ON queue_messages (%s) WHERE %s',
                       coalesce(found, wanted.column3), btrim(wanted.column1, '{}'), wanted.column2);
    END LOOP;
END $$;
