DROP TABLE telemetry;
DROP TABLE queue_messages;
