#!/usr/bin/env python3
"""make bench-growth: measures whether existing table contents slow the pipeline down.

Runs the end-to-end measurement of bench.py in interleaved rounds on separate databases: an empty one; one with a queue
of another topic that nobody leases; one with dead tuples that a held snapshot keeps; one with a long history. Then the
drain of a backlog. Prints a table, writes growth.json and growth.svg to build/bench. Exits 0 if everything was
measured; --strict: 1 if a target was missed."""

import argparse
import contextlib
import json
import statistics
import sys
import time

import bench
import conditions
import measure
import plot
import report
from private_postgres import DurableCluster
from stack import ROOT, Stack

DAEMONS = ("mqwriter", "mqreader", "collector")
TARGET = 0.85
# The load generator's GPUs (load/rows.cpp), so that new rows go where old ones of the same GPU are.
GPU = "'GPU-5fd4f087-86f3-7a43-b711-4771' || lpad(to_hex((k % 256)::bigint * 16777619 & 4294967295), 8, '0')"
# Version 7, as mqwriter makes them: a millisecond each.
UUID = (
    "(lpad(to_hex(1760000000000 + k), 12, '0') || '7' || substr(md5(k::text), 1, 3) || '8'"
    " || substr(md5(k::text), 4, 15))::uuid"
)
PAYLOAD = f"""jsonb_build_object('timestamp', '2026-01-01T00:00:00.000000Z', 'metric_name', 'DCGM_FI_DEV_GPU_UTIL',
    'gpu_id', (k % 8)::text, 'device', 'nvidia' || k % 8, 'uuid', {GPU}, 'model_name', 'NVIDIA H100 80GB HBM3',
    'hostname', 'mtv5-dgx1-hgpu-000', 'container', '', 'pod', '', 'namespace', '', 'value', k % 101,
    'labels_raw', repeat('x', 130))"""


def in_pieces(cluster, database, statement, rows, piece=5000):
    """The statement for k from :first to :last, a piece a commit."""
    cluster.sql(
        f"""
DO $$ DECLARE first bigint := 0; BEGIN
  WHILE first < {rows} LOOP
    {statement.replace(":first", "first").replace(":last", f"least(first + {piece}, {rows}) - 1")};
    COMMIT;
    first := first + {piece};
  END LOOP;
END $$""",
        database=database,
    )


def queue_rows(cluster, database, topic, rows):
    in_pieces(
        cluster,
        database,
        f"""INSERT INTO queue_messages (topic, msg_uuid, payload, partition_key)
        SELECT '{topic}', {UUID}, {PAYLOAD}, k % 256 FROM generate_series(:first, :last) k""",
        rows,
    )


def dead_rows(cluster, database, rows):
    """Published and acknowledged; the caller holds a snapshot, so they stay. How many vacuum leaves."""
    queue_rows(cluster, database, "telemetry", rows)
    begin = int(cluster.sql("SELECT min(id) FROM queue_messages", database=database))
    in_pieces(
        cluster, database, f"DELETE FROM queue_messages WHERE id BETWEEN {begin} + :first AND {begin} + :last", rows
    )
    said = cluster.psql("VACUUM (VERBOSE, ANALYZE) queue_messages", database=database)
    left = [
        int(line.split(" are dead but")[0].split()[-1])
        for line in said.splitlines()
        if "are dead but not yet removable" in line
    ]
    if max(left, default=0) < rows:
        raise SystemExit(f"only {left} of {rows} dead tuples were kept")


def history(cluster, database, rows):
    """Rows of the load's own GPUs, up to now; the indexes that filters need are made afterwards, which is quicker."""
    cluster.make_database(database, until="000009")
    in_pieces(
        cluster,
        database,
        f"""
        INSERT INTO telemetry (uuid, gpu_id, metric_name, "timestamp", device, model_name, hostname, value, labels_raw)
        SELECT {UUID}, {GPU}, 'DCGM_FI_DEV_METRIC_' || k / 256 % 8, now() - ({rows} - k) * interval '1 ms', 'nvidia' ||
        k % 8,
               'NVIDIA H100 80GB HBM3', 'mtv5-dgx1-hgpu-' || lpad((k % 256 / 8)::text, 3, '0'), k % 101, repeat('x',
               130)
          FROM generate_series(:first, :last) k""",
        rows,
        piece=100_000,
    )
    cluster.migrate(database, lambda migration: migration >= "000009")


def drain(load, cluster, arguments, rows):
    """Publishes without a reader, then measures how fast the messages reach telemetry."""
    cluster.make_database("backlog")
    with Stack(
        cluster, "backlog", ["mqwriter"], bench.overrides_of(arguments.set), arguments.out, arguments.bin
    ) as stack:
        load.run(
            "publish",
            writer=stack["mqwriter"].address,
            messages=rows,
            batch=measure.BATCH,
            connections=measure.CONNECTIONS,
        )
        for name in ("mqreader", "collector"):
            stack.start(name).wait_ready()
        begun = time.monotonic()
        return rows / (stack.wait_persisted(rows, 600) - begun)


def parse():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=4, help="of a measurement (4)")
    parser.add_argument("--rows", type=int, default=1_000_000, help="queued, dead, and of the backlog (1000000)")
    parser.add_argument("--history", type=int, default=10_000_000, help="rows of telemetry (10000000)")
    bench.common_arguments(parser)
    return parser.parse_args()


def run(arguments, cluster, enter):
    load = measure.Load(arguments.load)
    facts = conditions.gather(cluster, ROOT, bench.overrides_of(arguments.set))
    bench.say(f"{arguments.rows:,} rows of another topic")
    cluster.make_database("plain")
    cluster.make_database("queued")
    queue_rows(cluster, "queued", "other", arguments.rows)
    bench.say(f"{arguments.rows:,} dead tuples")
    cluster.make_database("dead")
    enter(cluster.held_snapshot("dead"))
    dead_rows(cluster, "dead", arguments.rows)
    bench.say(f"{arguments.history:,} rows of telemetry")
    history(cluster, "history", arguments.history)
    databases = ("plain", "queued", "dead", "history")
    for database in databases:  # the writes above no longer interfere
        cluster.sql("VACUUM ANALYZE", database=database)
    cluster.sql("CHECKPOINT")
    stacks = {
        name: enter(Stack(cluster, name, DAEMONS, bench.overrides_of(arguments.set), arguments.out, arguments.bin))
        for name in databases
    }

    bench.say("warm-up")
    warm = [measure.end_to_end(load, stack, 20_000, check=False)["rate"] for stack in stacks.values()]
    messages = measure.BATCH * max(20, round(max(warm) * arguments.seconds / measure.BATCH))
    rates = {name: [] for name in databases}
    for number in range(arguments.rounds):
        for name, stack in measure.turns(stacks, number):
            rates[name].append(measure.end_to_end(load, stack, messages, check=name != "history")["rate"])
        bench.say(
            f"round {number + 1} of {arguments.rounds}: "
            + ", ".join(f"{name} {values[-1]:.0f}/s" for name, values in rates.items())
        )
    bench.say(f"a backlog of {arguments.rows:,}")
    rates["backlog"] = [drain(load, cluster, arguments, arguments.rows)]
    return {"conditions": facts, "rates": rates, "messages": messages}


def main():
    arguments = parse()
    arguments.out.mkdir(parents=True, exist_ok=True)
    with DurableCluster() as cluster, contextlib.ExitStack() as stack:
        results = run(arguments, cluster, stack.enter_context)
    names = {
        "plain": "b  end to end, nothing else there",
        "queued": f"f  beside {arguments.rows:,} messages of another topic",
        "dead": f"f  with {arguments.rows:,} dead tuples and a held snapshot",
        "history": f"f  with {arguments.history:,} rows of telemetry",
        "backlog": f"f  draining a backlog of {arguments.rows:,}",
    }
    medians = {name: statistics.median(values) for name, values in results["rates"].items()}
    ratios = {name: rate / medians["plain"] for name, rate in medians.items()}
    targets = [report.at_least(f"f {name} of b", ratios[name], TARGET) for name in names if name != "plain"]
    results |= {"medians": medians, "ratios": ratios}
    (arguments.out / "growth.json").write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    said = conditions.lines(results["conditions"], 450, measure.BATCH, measure.CONNECTIONS)
    plot.draw(
        "prompted: make bench-growth",
        said[0],
        [
            (
                names[name],
                ratios[name],
                TARGET if name != "plain" else None,
                f"{ratios[name]:.2f}   {medians[name]:,.0f}/s",
            )
            for name in names
        ],
        [],
        arguments.out / "growth.svg",
    )
    print("\n".join(said + ["", f"{'messages a second':58} {'median':>9}  (min–max)            ratio"]))
    for name, title in names.items():
        print(
            f"{title:58} {report.span({'rate': medians[name], 'rates': results['rates'][name]}):30} {ratios[name]:6.2f}"
        )
    print("\n" + "\n".join(report.target_lines(targets)))
    return 1 if arguments.strict and not all(good for *_, good in targets) else 0


if __name__ == "__main__":
    sys.exit(main())
