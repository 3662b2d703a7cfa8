-- A database role for each daemon that uses the database, with the rights that its statements need and no others. For psql, as
-- the owner of the tables, after the migrations (docs/operations.md, "Database roles"). It is no numbered migration: an owner who
-- may not create roles can still migrate. Run it again after each migration; it is one transaction, so running daemons never see
-- a right missing. In the environment:
--   MQWRITER_DB_PASSWORD, MQREADER_DB_PASSWORD, COLLECTOR_DB_PASSWORD, APIGW_DB_PASSWORD
--                     the roles' passwords; without one a role keeps what it has, and a new one cannot log in with a password
--   ROLE_PREFIX       beginning of the roles' names instead of "prompted": roles belong to the whole cluster, so two databases
--                     whose daemons shall not reach each other's tables need different ones
--   PRIVATE_DATABASE  "yes" when nobody but prompted uses this database: then PUBLIC may make no temporary tables, and nothing
--                     in the tables' schema
\set ON_ERROR_STOP on
\set SHOW_CONTEXT never
\set mqwriter_password `printf %s "$MQWRITER_DB_PASSWORD"`
\set mqreader_password `printf %s "$MQREADER_DB_PASSWORD"`
\set collector_password `printf %s "$COLLECTOR_DB_PASSWORD"`
\set apigw_password `printf %s "$APIGW_DB_PASSWORD"`
\set prefix `printf %s "${ROLE_PREFIX:-prompted}"`
\set private `printf %s "${PRIVATE_DATABASE:-no}"`

BEGIN;
-- Handed on as settings of this transaction: a DO block takes no parameters, and its inner statements, which hold the
-- passwords, are not logged by log_statement = ddl.
SELECT set_config('prompted.mqwriter_password', :'mqwriter_password', true),
       set_config('prompted.mqreader_password', :'mqreader_password', true),
       set_config('prompted.collector_password', :'collector_password', true),
       set_config('prompted.apigw_password', :'apigw_password', true),
       set_config('prompted.role_prefix', :'prefix', true),
       set_config('prompted.private_database', :'private', true),
       set_config('prompted.roles', '', true) \gset unused_

DO $$
DECLARE
    prefix   text := current_setting('prompted.role_prefix');
    daemon   text;
    role     text;
    password text;
    wanted   record;
    relation regclass;
    present  text[] := '{}';
    missing  text[] := '{}';
    notes    text := '';
    ids      text[];       -- the sequences of queue_messages.id and telemetry.id, whatever they are called
    tables   regnamespace; -- where the tables are
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('prompted.roles'));   -- two of these at once would fail each other

    -- The tables first: nothing is made when they are not there, or are not ours to grant.
    FOR wanted IN
        SELECT name, to_regclass(name) AS oid
          FROM unnest('{queue_messages,queue_settings,queue_incarnation,queue_readers,queue_partitions,dead_letters,telemetry}'::text[]) name
    LOOP
        IF wanted.oid IS NULL THEN
            RAISE EXCEPTION 'there is no table %: apply the migrations first', wanted.name;
        END IF;
        IF NOT (SELECT pg_has_role(relowner, 'USAGE') FROM pg_class WHERE pg_class.oid = wanted.oid) THEN
            RAISE EXCEPTION '% does not own the table %: run this as its owner', current_user, wanted.name;
        END IF;
    END LOOP;

    ids := ARRAY[pg_get_serial_sequence('queue_messages', 'id'), pg_get_serial_sequence('telemetry', 'id')];
    tables := (SELECT relnamespace FROM pg_class WHERE oid = 'queue_messages'::regclass);

    FOREACH daemon IN ARRAY '{mqwriter,mqreader,collector,apigw}'::text[] LOOP
        role := prefix || '_' || daemon;
        password := current_setting('prompted.' || daemon || '_password');
        -- Roles belong to the cluster, advisory locks to a database: another database's run may be at the same row.
        FOR try IN 1 .. 20 LOOP
            BEGIN
                IF to_regrole(quote_ident(role)) IS NULL THEN
                    EXECUTE format('CREATE ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION', role);
                END IF;
                EXIT;
            EXCEPTION
                WHEN insufficient_privilege THEN EXIT;
                WHEN duplicate_object OR unique_violation OR internal_error THEN IF try = 20 THEN RAISE; END IF;
            END;
        END LOOP;
        IF to_regrole(quote_ident(role)) IS NULL THEN
            missing := missing || role;
            CONTINUE;
        END IF;
        present := present || role;
        IF (SELECT rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls FROM pg_roles WHERE rolname = role) THEN
            RAISE WARNING '% has more rights than a daemon needs: SUPERUSER, CREATEROLE, CREATEDB, REPLICATION or BYPASSRLS', role;
        END IF;
        IF password <> '' THEN
            FOR try IN 1 .. 20 LOOP
                BEGIN
                    EXECUTE format('ALTER ROLE %I PASSWORD %L', role, password);
                    EXIT;
                EXCEPTION   -- caught in any case: the error's own context would show the password
                    WHEN insufficient_privilege THEN
                        notes := notes || format('; %s may not change the password of %s', current_user, role);
                        EXIT;
                    WHEN internal_error THEN IF try = 20 THEN RAISE EXCEPTION 'the password of % cannot be set: %', role, SQLERRM; END IF;
                    WHEN OTHERS THEN RAISE EXCEPTION 'the password of % cannot be set: %', role, SQLERRM;
                END;
            END LOOP;
        END IF;
        -- So that make partitions can end its sessions.
        IF NOT pg_has_role(role, 'USAGE') THEN
            BEGIN
                EXECUTE format('GRANT %I TO CURRENT_USER', role);
            EXCEPTION WHEN insufficient_privilege THEN NULL;
            END;
        END IF;
    END LOOP;

    IF current_setting('prompted.private_database') = 'yes' THEN
        EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
        EXECUTE format('REVOKE CREATE ON SCHEMA %s FROM PUBLIC', tables);
    END IF;

    -- What a later version does not need any more goes, too.
    FOREACH role IN ARRAY present LOOP
        FOR relation IN
            SELECT oid FROM unnest('{queue_messages,queue_settings,queue_incarnation,queue_readers,queue_partitions,dead_letters,telemetry,
                                     schema_migrations}'::text[] || ids) name, to_regclass(name) oid
             WHERE oid IS NOT NULL
        LOOP
            EXECUTE format('REVOKE ALL ON %s FROM %I', relation, role);
        END LOOP;
        IF NOT has_database_privilege(role, current_database(), 'CONNECT') THEN
            EXECUTE format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), role);
        END IF;
        IF NOT has_schema_privilege(role, tables, 'USAGE') THEN
            EXECUTE format('GRANT USAGE ON SCHEMA %s TO %I', tables, role);
        END IF;
    END LOOP;
    IF present <> '{}' AND has_schema_privilege(present[1], tables, 'CREATE') THEN   -- PostgreSQL 14's default, which upgrades keep
        notes := notes || format('; any role may create tables in schema %s: REVOKE CREATE ON SCHEMA %1$s FROM PUBLIC ends that', tables);
    END IF;

    FOR wanted IN
        SELECT prefix || '_' || g.daemon AS role, g.rights, g.target FROM (VALUES
            ('mqwriter', 'SELECT', 'schema_migrations'),
            ('mqwriter', 'SELECT, INSERT', 'queue_settings'),
            ('mqwriter', 'SELECT (topic, msg_uuid, payload), INSERT (topic, msg_uuid, payload, partition_key)', 'queue_messages'),
            ('mqwriter', 'USAGE', 'SEQUENCE ' || ids[1]),

            ('mqreader', 'SELECT', 'schema_migrations'),
            ('mqreader', 'SELECT, INSERT', 'queue_settings'),
            ('mqreader', 'SELECT, INSERT', 'queue_incarnation'),
            -- Rows are found by ctid, which only a right on the whole table covers.
            ('mqreader', 'SELECT, DELETE, INSERT (topic, msg_uuid, payload, partition_key, created_at), UPDATE (xid, attempts, updated_at)',
             'queue_messages'),
            ('mqreader', 'USAGE', 'SEQUENCE ' || ids[1]),
            ('mqreader', 'SELECT, INSERT, DELETE, UPDATE (expires_at)', 'queue_readers'),
            ('mqreader', 'SELECT, INSERT (partition_key), UPDATE (owner)', 'queue_partitions'),
            ('mqreader', 'SELECT, DELETE, INSERT (topic, msg_uuid, partition_key, payload, attempts, reason, created_at), '
                         'UPDATE (payload, attempts, reason, died_at)', 'dead_letters'),
            ('mqreader', 'SELECT (uuid)', 'telemetry'),
            ('mqreader', 'EXECUTE', 'FUNCTION queue_partition(jsonb, int)'),

            ('collector', 'SELECT', 'schema_migrations'),
            ('collector', 'SELECT (uuid, gpu_id, metric_name, "timestamp", device, model_name, hostname, container, pod, namespace, value, labels_raw), '
                          'INSERT (uuid, gpu_id, metric_name, "timestamp", device, model_name, hostname, container, pod, namespace, value, labels_raw)',
             'telemetry'),
            ('collector', 'USAGE', 'SEQUENCE ' || ids[2]),

            ('apigw', 'SELECT', 'schema_migrations'),
            ('apigw', 'SELECT', 'telemetry')
        ) AS g (daemon, rights, target)
        WHERE prefix || '_' || g.daemon = ANY (present)
          AND (g.target <> 'schema_migrations' OR to_regclass(g.target) IS NOT NULL)   -- migrated by another tool
    LOOP
        EXECUTE format('GRANT %s ON %s TO %I', wanted.rights, wanted.target, wanted.role);
    END LOOP;

    IF missing <> '{}' THEN
        notes := notes || format('; %s may not create %s: such a daemon keeps the DSN it has', current_user, array_to_string(missing, ', '));
    END IF;
    IF present <> '{}' THEN
        notes := '; rights granted to ' || array_to_string(present, ', ') || notes;
    END IF;
    PERFORM set_config('prompted.roles', 'database roles: ' || substr(notes, 3), true);
END $$;

SELECT current_setting('prompted.roles') AS roles;
COMMIT;
