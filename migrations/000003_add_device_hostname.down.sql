ALTER TABLE telemetry DROP COLUMN hostname, DROP COLUMN device;
