-- Every row stays ready, which the earlier reader understands; the lease indexes hold all rows again, under their names.
DO $$
DECLARE
    wanted record;
    found  name;
BEGIN
    FOR wanted IN VALUES ('{topic,state,lease_until}', 'queue_messages_topic_state_lease_until_idx'),
                         ('{lease_id}', 'queue_messages_lease_id_idx')
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
        EXECUTE format('CREATE INDEX %I ON queue_messages (%s)', coalesce(found, wanted.column2), btrim(wanted.column1, '{}'));
    END LOOP;
END $$;
