-- The queue's and the history's first shape (README, "Database schema"). Databases of the earlier system stand at version 3,
-- so versions 1 to 3 only matter to new databases, which they bring to the very same state.
CREATE TABLE queue_messages (
    id          bigserial PRIMARY KEY,
    topic       text        NOT NULL,
    msg_uuid    uuid        NOT NULL,
    payload     jsonb       NOT NULL,
    state       text        NOT NULL DEFAULT 'ready',
    leased_by   text,
    lease_id    uuid,
    lease_until timestamptz,
    attempts    int         NOT NULL DEFAULT 0,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),
    UNIQUE (topic, msg_uuid)
);
CREATE INDEX queue_messages_topic_state_lease_until_idx ON queue_messages (topic, state, lease_until);
CREATE INDEX queue_messages_lease_id_idx ON queue_messages (lease_id);

CREATE TABLE telemetry (
    id          bigserial PRIMARY KEY,
    uuid        uuid        NOT NULL UNIQUE,
    gpu_id      text        NOT NULL,
    metric_name text        NOT NULL,
    timestamp   timestamptz NOT NULL,
    model_name  text,
    container   text,
    pod         text,
    namespace   text,
    value       double precision,
    labels_raw  text,
    ingested_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX telemetry_gpu_id_timestamp_idx ON telemetry (gpu_id, timestamp);
