#!/usr/bin/env python3
"""Measures whether a transaction held open makes mqreader's poll read more.

A private PostgreSQL, the poll's own text and settings out of apps/mqreader, a backlog, and two held transactions
(`BEGIN; SELECT txid_current();`, one of them in another database). The poll is explained without and with dead tuples
that vacuum may not remove, for no and for some new rows. Prints a Markdown table; exit code 1 when the rule printed
under it is broken. Needs PostgreSQL's programs and psql; standard library only.
"""

import argparse
import json
import pathlib
import re
import sys
import time

from private_postgres import Cluster

ROOT = pathlib.Path(__file__).resolve().parents[2]
PARTITIONS = 256
POLL_INDEX = "queue_messages_partition_key_topic_xid_id_idx"
TYPES = "int[], xid8[], bigint[], pg_snapshot, pg_snapshot, int, text, int, bigint"


def poll_text():
    source = (ROOT / "apps/mqreader/poll/sql.hpp").read_text()
    return re.search(r'pg::Statement poll\{"poll", R"sql\((.*?)\)sql"', source, re.S).group(1)


def connection_settings():
    source = (ROOT / "apps/mqreader/poll/poll_store.cpp").read_text()
    body = re.search(r"connection_settings\(\) \{(.*?)\n\}", source, re.S).group(1)
    settings = re.findall(r'"(SET [^"]+)"', body)
    if not settings:
        raise SystemExit("found no settings in connection_settings()")
    return settings


def insert(cluster, count, topic="telemetry", per_commit=5000):
    """`count` rows over all partitions, a writer's flush of rows a transaction; about 450 bytes of payload."""
    cluster.sql(f"""
DO $$ DECLARE done int := 0; n int; BEGIN
  WHILE done < {count} LOOP
    n := least({per_commit}, {count} - done);
    INSERT INTO queue_messages (topic, msg_uuid, payload, partition_key)
    SELECT '{topic}', gen_random_uuid(), jsonb_build_object('gpu_id', 'GPU-' || i, 'metric_name',
    'DCGM_FI_DEV_GPU_UTIL',
             'timestamp', '2026-01-01T00:00:00Z', 'value', i, 'labels_raw', repeat(md5(i::text), 11)), i % {PARTITIONS}
      FROM generate_series(done, done + n - 1) i;
    COMMIT;
    done := done + n;
  END LOOP;
END $$""")


def make_dead(cluster, count):
    """Inserted and deleted, as delivered and acknowledged messages are; how many vacuum had to leave."""
    newest = cluster.sql("SELECT max(id) FROM queue_messages")
    insert(cluster, count)
    cluster.sql(f"""
DO $$ DECLARE at bigint := {newest}; last bigint := (SELECT max(id) FROM queue_messages); BEGIN
  WHILE at < last LOOP
    DELETE FROM queue_messages WHERE id > at AND id <= at + 5000;
    COMMIT;
    at := at + 5000;
  END LOOP;
END $$""")
    return vacuum(cluster)


def vacuum(cluster):
    said = cluster.psql("VACUUM (VERBOSE, ANALYZE) queue_messages")
    left = re.search(r'vacuuming "[^"]*public\.queue_messages".*?(\d+) are dead but not yet removable', said, re.S)
    if left is None:
        raise SystemExit("VACUUM VERBOSE does not say how many dead tuples it left:\n" + said)
    return int(left.group(1))


def snapshot(cluster):
    return cluster.sql("SELECT pg_current_snapshot()")


def explain(cluster, base, rows_per_partition=1000, rows=1000):
    """As the reader asks with its default settings. Explained on a second run: the first one sets hint bits and fills
    the cache."""
    # Spelled out as the reader sends them: EXECUTE takes no sub-queries.
    keys = "{" + ",".join(map(str, range(PARTITIONS))) + "}"
    nothing = "{" + ",".join(["0"] * PARTITIONS) + "}"
    values = f"'{keys}', '{nothing}', '{nothing}', '{base}', NULL, {rows_per_partition}, 'telemetry', {rows}"
    execute = f"EXECUTE poll({values}, {16 * 1024 * 1024})"
    script = connection_settings() + [
        # The reader never prepares: its plan is always made for the values at hand.
        "SET plan_cache_mode = force_custom_plan",
        f"PREPARE poll({TYPES}) AS {poll_text()}",
        f"EXPLAIN (ANALYZE) {execute} \\g /dev/null",
        f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {execute}",
    ]
    return json.loads(cluster.sql(";\n".join(script).replace("/dev/null;", "/dev/null")))[0]


def nodes(plan):
    yield plan
    for child in plan.get("Plans", []):
        yield from nodes(child)


class Reading:
    """What one explained poll needed."""

    def __init__(self, cluster, name, new, dead, base, **page):
        explained = explain(cluster, base, **page)
        self.name, self.new, self.dead, self.plan = name, new, dead, explained["Plan"]
        self.levels = int(cluster.sql(f"SELECT level + 1 FROM bt_metap('{POLL_INDEX}')"))
        self.buffers = self.plan["Shared Hit Blocks"] + self.plan["Shared Read Blocks"]
        self.rows = self.plan["Actual Rows"] - 1  # the first one is the snapshot's
        self.milliseconds = explained["Execution Time"]
        scans = [node for node in nodes(self.plan) if node.get("Relation Name") == "queue_messages"]
        self.descents = sum(node["Actual Loops"] for node in scans)
        self.access = ", ".join(sorted({node.get("Index Name", node["Node Type"]) for node in scans}))

    def line(self):
        return (
            f"| {self.name} | {self.dead:,} | {self.new:,} | {self.rows:,} | {self.buffers:,} | {self.descents:,} |"
            f" {self.levels} | {self.milliseconds:.1f} | {self.access} |"
        )


def measure(cluster, dead, new_rows):
    readings = []
    for new in new_rows:
        base = snapshot(cluster)
        insert(cluster, new, per_commit=250)
        readings.append(Reading(cluster, "poll", new, dead, base))
    return readings


def faults(clean, dirty):
    """The rule, for one number of new rows."""
    found = []
    for reading in (clean, dirty):
        if reading.rows != reading.new:
            found.append(f"{reading.dead:,} dead: {reading.rows:,} of {reading.new:,} new rows came")
        if reading.access != POLL_INDEX:
            found.append(f"{reading.dead:,} dead: read by {reading.access}")
    grown = dirty.descents * max(0, dirty.levels - clean.levels)
    allowed = clean.buffers + dirty.new + grown
    if dirty.buffers > allowed:
        found.append(
            f"{dirty.new:,} new rows: {dirty.buffers:,} buffers with {dirty.dead:,} dead tuples, {allowed:,} allowed"
        )
    return found


RULE = """Rule: with dead tuples a poll reads at most the buffers that it reads without them, plus one for each new row
(rows can lie one page apart), plus one for each descent of the index for each level that the tree has grown; it returns
every new row; and it reads queue_messages by its own index only. The rows not named `poll` are what a reader does once
when it takes a partition over, not at each poll: no rule is put on them, but the last one must read the dead tuples, or
this measurement would not see them."""


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--backlog", type=int, default=500_000, help="rows that nobody takes (500000)")
    parser.add_argument("--dead", type=int, default=500_000, help="dead tuples (500000)")
    parser.add_argument("--new", type=int, default=1000, help="new rows of the second poll (1000)")
    parser.add_argument("--plans", metavar="FILE", help="write all plans there as JSON")
    arguments = parser.parse_args()
    with Cluster() as cluster:
        return run(cluster, arguments)


def run(cluster, arguments):
    for migration in sorted((ROOT / "migrations").glob("*.up.sql")):
        cluster.sql(migration.read_text())
    cluster.sql("CREATE EXTENSION pageinspect")
    cluster.sql("CREATE DATABASE elsewhere")
    insert(cluster, arguments.backlog)
    vacuum(cluster)
    new_rows = (0, arguments.new)
    with cluster.held_transaction("queue"), cluster.held_transaction("elsewhere"):
        held_since = time.monotonic()
        before = snapshot(cluster)
        clean = measure(cluster, vacuum(cluster), new_rows)
        left = make_dead(cluster, arguments.dead)
        dirty = measure(cluster, left, new_rows)
        page = {"rows_per_partition": 4, "rows": 1024}
        others = [
            Reading(
                cluster,
                "first page of a start (base 1:1:)",
                arguments.backlog + 2 * arguments.new,
                left,
                "1:1:",
                **page,
            ),
            Reading(cluster, "poll from a base older than the dead", 2 * arguments.new, left, before, rows=50_000),
        ]
        held = time.monotonic() - held_since

    found = [fault for pair in zip(clean, dirty, strict=True) for fault in faults(*pair)]
    if left < arguments.dead:
        found.append(f"only {left:,} dead tuples were kept: the held transactions held nothing")
    if others[-1].buffers < left:
        found.append(
            f"a poll over {left:,} dead tuples read {others[-1].buffers:,} buffers: the measurement does not see them"
        )
    readings = [reading for pair in zip(clean, dirty, strict=True) for reading in pair] + others
    if arguments.plans:
        pathlib.Path(arguments.plans).write_text(json.dumps([[r.line(), r.plan] for r in readings], indent=1))
    report(
        readings,
        found,
        f"Backlog {arguments.backlog:,} rows in {PARTITIONS} partitions; two transactions held for {held:.0f} s,"
        f" one in another database; VACUUM left {left:,} dead tuples.",
    )
    return 1 if found else 0


def report(readings, found, setting):
    print(setting + "\n")
    print(
        "| what | dead tuples | new rows | rows returned | shared buffers"
        " | index descents | tree levels | ms | read by |"
    )
    print("|---|--:|--:|--:|--:|--:|--:|--:|---|")
    for reading in readings:
        print(reading.line())
    print("\n" + RULE + "\n")
    for fault in found:
        print("BROKEN: " + fault)
    if not found:
        print("The rule holds.")


if __name__ == "__main__":
    sys.exit(main())
