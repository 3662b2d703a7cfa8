// Upgrades a database of the earlier system in place: version 3, with its rows and index names.
#include <gtest/gtest.h>

#include "support/migrations.hpp"

using namespace prompted::test;

namespace {

constexpr auto psql = MigrateWith::psql;

void fill_as_the_earlier_system(const Migrations& migrations) {
  migrations.must(psql, "up 3");
  migrations.sql(R"(
    ALTER INDEX queue_messages_topic_state_lease_until_idx RENAME TO idx_qm_lease;
    ALTER INDEX queue_messages_lease_id_idx RENAME TO idx_qm_lease_id;
    ALTER INDEX queue_messages_partition_key_state_id_idx RENAME TO idx_qm_partition;
    ALTER TABLE queue_messages ALTER COLUMN state DROP DEFAULT;
    INSERT INTO queue_messages (topic, msg_uuid, payload, state, leased_by, lease_id, lease_until, attempts,
                                partition_key)
    SELECT 'telemetry', gen_random_uuid(), '{"gpu_id":"GPU-0a1b2c3d"}', s,
           CASE s WHEN 'in_flight' THEN 'c-1' END, CASE s WHEN 'in_flight' THEN gen_random_uuid() END,
           CASE s WHEN 'in_flight' THEN now() + interval '30 s' END, CASE s WHEN 'in_flight' THEN 2 ELSE 0 END, n % 256
      FROM unnest(ARRAY['ready','in_flight','acked']) s, generate_series(1, 100) n)");
}

}  // namespace

TEST(UpgradeFromVersion3, LeasedRowsBecomeReadyAndAckedOnesAreDone) {
  Migrations migrations;
  fill_as_the_earlier_system(migrations);
  migrations.must(psql, "up");
  EXPECT_EQ(migrations.sql("SELECT state, attempts, count(*), count(leased_by), count(lease_id), count(lease_until) "
                           "FROM queue_messages GROUP BY 1, 2 ORDER BY 2"),
            "ready|0|100|0|0|0\nready|2|100|0|0|0");
}

TEST(UpgradeFromVersion3, AFirstPollSeesEveryOldRow) {
  Migrations migrations;
  fill_as_the_earlier_system(migrations);
  migrations.must(psql, "up");
  EXPECT_EQ(migrations.sql("SELECT count(*) FROM queue_messages WHERE xid >= '3'::xid8 AND xid < "
                           "pg_snapshot_xmax(pg_current_snapshot()) "
                           "AND pg_visible_in_snapshot(xid, pg_current_snapshot())"),
            "200");
  migrations.sql(
      "INSERT INTO queue_messages (topic, msg_uuid, payload, partition_key) VALUES ('telemetry', gen_random_uuid(), "
      "'{}', 1)");
  EXPECT_EQ(migrations.sql("SELECT count(DISTINCT xid), count(*) FILTER (WHERE state <> 'ready') FROM queue_messages"),
            "2|0");
}

TEST(UpgradeFromVersion3, IndexesChangeUnderWhateverNameTheyHave) {
  Migrations migrations;
  fill_as_the_earlier_system(migrations);
  const std::string before = migrations.schema();
  migrations.must(psql, "up");
  EXPECT_EQ(
      migrations.sql(
          "SELECT replace(indexdef, 'public.', '') FROM pg_indexes WHERE indexname LIKE 'idx_qm%' ORDER BY indexname"),
      "CREATE INDEX idx_qm_lease ON queue_messages USING btree (topic, state, lease_until) WHERE (state = "
      "'in_flight'::text)\n"
      "CREATE INDEX idx_qm_lease_id ON queue_messages USING btree (lease_id) WHERE (lease_id IS NOT NULL)\n"
      "CREATE INDEX idx_qm_partition ON queue_messages USING btree (partition_key, state, id) WHERE (state <> "
      "'ready'::text)");
  migrations.must(psql, "down 8");
  // Ours keeps the default that makes inserts simpler.
  migrations.sql("ALTER TABLE queue_messages ALTER COLUMN state DROP DEFAULT");
  EXPECT_EQ(migrations.schema(), before);
}

TEST(Schema, HasTheColumnsOfTheReadme) {
  Migrations migrations;
  migrations.must(psql, "up");
  const auto columns = [&](const std::string& table) {
    return migrations.sql(
        "SELECT string_agg(column_name || ' ' || data_type || CASE is_nullable WHEN 'NO' THEN '!' ELSE '' END, ', ' "
        "ORDER BY column_name) "
        "FROM information_schema.columns WHERE table_name = '" +
        table + "'");
  };
  EXPECT_EQ(columns("queue_messages"),
            "attempts integer!, created_at timestamp with time zone!, id bigint!, lease_id uuid, lease_until timestamp "
            "with time zone, leased_by text, "
            "msg_uuid uuid!, partition_key integer!, payload jsonb!, state text!, topic text!, updated_at timestamp "
            "with time zone!, xid xid8!");
  EXPECT_EQ(columns("telemetry"),
            "container text, device text, gpu_id text!, hostname text, id bigint!, ingested_at timestamp with time "
            "zone!, labels_raw text, metric_name text!, "
            "model_name text, namespace text, pod text, timestamp timestamp with time zone!, uuid uuid!, value double "
            "precision");
  EXPECT_EQ(columns("dead_letters"),
            "attempts integer!, created_at timestamp with time zone!, died_at timestamp with time zone!, msg_uuid "
            "uuid!, partition_key integer!, "
            "payload jsonb!, reason text!, topic text!");
}
