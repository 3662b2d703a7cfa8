-- Messages that cannot become telemetry, with the reason: nothing is ever dropped silently.
CREATE TABLE dead_letters (
    topic         text        NOT NULL,
    msg_uuid      uuid        NOT NULL,
    partition_key int         NOT NULL,
    payload       jsonb       NOT NULL,
    attempts      int         NOT NULL,
    reason        text        NOT NULL,
    created_at    timestamptz NOT NULL,                 -- when the message was published
    died_at       timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (topic, msg_uuid)
);
