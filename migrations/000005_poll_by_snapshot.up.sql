-- What the reader's poll needs (docs/queue.md). Rows that exist now get this migration's own xid, which every
-- snapshot taken after its commit sees, so a first poll finds them.
ALTER TABLE queue_messages ADD COLUMN xid xid8 NOT NULL DEFAULT pg_current_xact_id();
-- id is in it because one flush's rows share an xid: the poll pages through them by (xid, id).
CREATE INDEX queue_messages_partition_key_xid_id_idx ON queue_messages (partition_key, xid, id);

-- Crash recovery empties an unlogged table: a reader that finds it empty or changed knows that xids may come again.
CREATE UNLOGGED TABLE queue_incarnation (
    id int  PRIMARY KEY CHECK (id = 1),
    v  uuid NOT NULL
);

-- The poll does not use (partition_key, state, id), and every insert paid for it. Found by its columns, as in 000004.
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
    EXECUTE format('CREATE INDEX %I ON queue_messages (partition_key, state, id) WHERE state <> ''ready''',
                   coalesce(found, 'queue_messages_partition_key_state_id_idx'));
END $$;
