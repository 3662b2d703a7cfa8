"""The measurements shared by bench.py and growth.py: each function runs one and returns its results."""

import json
import subprocess
import time

import stack as stacks

BATCH, CONNECTIONS = 500, 2


class Load:
    """The load generator."""

    def __init__(self, program):
        self.program = str(program)

    def start(self, command, **options):
        arguments = [part for name, value in options.items() for part in ("--" + name, str(value))]
        return subprocess.Popen(
            [self.program, command, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def finish(self, process):
        said, complaint = process.communicate()
        if process.returncode != 0:
            raise SystemExit(complaint.strip() or f"bench_load ended with {process.returncode}")
        return json.loads(said)

    def knows(self, command):
        """Was it built with this command? Without arguments it exits 2 and names those it has."""
        said = subprocess.run([self.program], capture_output=True, text=True, check=False).stderr
        return command in said

    def run(self, command, **options):
        return self.finish(self.start(command, **options))


def limit(load, cluster, database, kind, seconds, connections=CONNECTIONS):
    figures = load.run(
        "limit", dsn=cluster.url(database), kind=kind, seconds=seconds, connections=connections, batch=BATCH
    )
    if kind == "single":  # no consumer reads them back
        cluster.sql("TRUNCATE queue_messages", database=database)
    return figures


class Meter:
    """CPU seconds of the daemons and of PostgreSQL, and bytes of WAL, between two instants."""

    def __init__(self, stack):
        self.stack = stack
        self.begin = self.read()

    def read(self):
        cluster = self.stack.cluster
        cpu = {name: daemon.cpu_seconds() for name, daemon in self.stack.daemons.items()}
        cpu["postgres"] = stacks.tree_seconds(cluster.postmaster())
        wal = int(cluster.sql("SELECT (pg_current_wal_insert_lsn() - '0/0')::bigint", database="postgres"))
        return cpu, wal

    def per_message(self, messages):
        (before, wal_before), (after, wal_after) = self.begin, self.read()
        micros = {name: (after[name] - before[name]) * 1e6 / messages for name in before}
        return {"cpu_us": micros, "wal_bytes": (wal_after - wal_before) / messages}


def settled(stack, rows_before, rows):
    """Every message has become one row, and none is left in the queue."""
    there = int(stack.cluster.sql("SELECT count(*) FROM telemetry", database=stack.database)) - rows_before
    if there != rows:
        raise SystemExit(f"{rows} messages were accepted, and {there} rows came into telemetry")
    wait_drained(stack)


def wait_drained(stack, seconds=60):
    deadline = time.monotonic() + seconds
    while (
        stack.cluster.sql(
            "SELECT EXISTS (SELECT 1 FROM queue_messages WHERE topic = 'telemetry')", database=stack.database
        )
        == "t"
    ):
        if time.monotonic() > deadline:
            raise SystemExit("messages are left in the queue")
        time.sleep(0.02)


def end_to_end(load, stack, messages, check=True):
    """Published by 500, until the last row is in telemetry."""
    rows_before = int(stack.cluster.sql("SELECT count(*) FROM telemetry", database=stack.database)) if check else 0
    persisted_before = stack.persisted()
    meter = Meter(stack)
    published = load.run(
        "publish", writer=stack["mqwriter"].address, messages=messages, batch=BATCH, connections=CONNECTIONS
    )
    rows = published["accepted"]
    ended = stack.wait_persisted(persisted_before + rows, 120)
    used = meter.per_message(rows)
    used["cpu_us"]["load generator"] = published["cpu_seconds"] * 1e6 / rows
    if check:
        settled(stack, rows_before, rows)
    return {
        "rate": rows / (ended - published["begun"]),
        "publish_rate": published["rate"],
        "publish_p99_ms": published["p99_ms"],
        "refused": published["refused"],
        "messages": rows,
        **used,
    }


def queue_only(load, stack, messages, batch=BATCH):
    """Published, leased and acked at once over HTTP; of a topic of its own."""
    consumer = load.start(
        "consume",
        reader=stack["mqreader"].address,
        topic="queue",
        messages=messages,
        batch=batch,
        connections=CONNECTIONS,
    )
    published = load.run(
        "publish",
        writer=stack["mqwriter"].address,
        topic="queue",
        messages=messages,
        batch=batch,
        connections=CONNECTIONS,
    )
    consumed = load.finish(consumer)
    if consumed["acked"] != published["accepted"]:
        raise SystemExit(f"{published['accepted']} messages were accepted, {consumed['acked']} acked")
    return {
        "rate": consumed["acked"] / (consumed["ended"] - published["begun"]),
        "publish_rate": published["rate"],
        "messages": consumed["acked"],
    }


def small_publishers(load, stack, seconds, connections=64):
    """One message a request; nobody leases them."""
    figures = load.run(
        "publish", writer=stack["mqwriter"].address, topic="small", seconds=seconds, batch=1, connections=connections
    )
    there = int(stack.cluster.sql("SELECT count(*) FROM queue_messages", database=stack.database))
    if there != figures["accepted"]:
        raise SystemExit(f"{figures['accepted']} messages were accepted, {there} are in the queue")
    stack.cluster.sql("TRUNCATE queue_messages", database=stack.database)
    return figures


def turns(lines, number):
    """The lines in the order of this round: another begins each time, so that a checkpoint does not always meet the
    same one."""
    names = list(lines)
    return [(name, lines[name]) for name in names[number % len(names) :] + names[: number % len(names)]]


def latency(load, stack, seconds, interval, rate=0.0):
    """Publish → answered and → visible by apigw, of one message each interval; beside a load of `rate` messages a
    second."""
    persisted_before = stack.persisted()
    publisher = None
    if rate:
        publisher = load.start(
            "publish",
            writer=stack["mqwriter"].address,
            rate=rate,
            seconds=seconds + 2,
            batch=BATCH,
            connections=CONNECTIONS,
        )
        time.sleep(1)
    figures = load.run(
        "probe", writer=stack["mqwriter"].address, gateway=stack["apigw"].address, interval=interval, seconds=seconds
    )
    probes = len(figures["visible"]["samples_ms"])
    if publisher:
        beside = load.finish(publisher)
        figures["load"] = {name: beside[name] for name in ("rate", "refused", "p50_ms", "p99_ms", "max_ms")}
        probes += beside["accepted"]
    stack.wait_persisted(persisted_before + probes, 60)
    return figures


def streamer(stack, csv, seconds):
    """The streamer as the publisher: CSV → telemetry, while it runs at full speed."""
    daemon = stack.start(
        "streamer",
        STREAMER_CSV_PATH=str(csv),
        STREAMER_BATCH_SIZE=str(BATCH),
        STREAMER_INTERVAL_MS="0",
        STREAMER_CHANNEL_BUFFER="2000",
    )
    daemon.wait_ready()
    time.sleep(0.5)
    meter, begun, before = Meter(stack), time.monotonic(), stack.persisted()
    time.sleep(seconds)
    rows, took = stack.persisted() - before, time.monotonic() - begun
    figures = {
        "rate": rows / took,
        "cpu_us": meter.per_message(rows)["cpu_us"]["streamer"],
        "peak_rss_mib": daemon.memory_mib("VmHWM"),
    }
    stack.stop("streamer")
    wait_drained(stack)
    return figures
