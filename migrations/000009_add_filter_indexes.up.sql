-- What apigw's filters walk, each in the order of its answers. The texts are compared bytewise ("C"): apigw's statements say
-- so too, and an insert then costs a memcmp per comparison instead of a call into the locale.
-- One GPU's metrics: history of one of them, and the latest value of each.
CREATE INDEX telemetry_gpu_id_metric_name_timestamp_id_idx
    ON telemetry (gpu_id COLLATE "C", metric_name COLLATE "C", "timestamp", id);
-- All GPUs in time order; new rows come in at its right edge.
CREATE INDEX telemetry_timestamp_id_idx ON telemetry ("timestamp", id);
-- Partial: a row without host, pod or namespace pays nothing for these.
CREATE INDEX telemetry_hostname_timestamp_id_idx
    ON telemetry (hostname COLLATE "C", "timestamp", id) WHERE hostname IS NOT NULL;
CREATE INDEX telemetry_pod_timestamp_id_idx
    ON telemetry (pod COLLATE "C", "timestamp", id) WHERE pod IS NOT NULL;
CREATE INDEX telemetry_namespace_timestamp_id_idx
    ON telemetry (namespace COLLATE "C", "timestamp", id) WHERE namespace IS NOT NULL;
-- Dead letters in the order in which mqreader lists them: a page was a sort of the whole table.
CREATE INDEX dead_letters_died_at_msg_uuid_topic_idx ON dead_letters (died_at, msg_uuid, topic);
