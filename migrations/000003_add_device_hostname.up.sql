ALTER TABLE telemetry ADD COLUMN device text, ADD COLUMN hostname text;
