#!/usr/bin/env python3
"""Measures the cost of reads, as ratios within one run: api.py [--rounds N] [--seconds S]

Two databases hold the same 256 GPUs, one with 20,000 rows, one with 2,000,000 and a GPU of 300,000 rows beside them.
apigw (Release, DB_POOL_SIZE 4) answers wrk over keep-alive HTTP; pgbench runs the very statement that apigw sent, over
libpq, with as many connections. Rounds are interleaved; medians are reported. Needs wrk, and pgbench of the postgresql
package. Prints a table and writes build/bench/api.json; exits 1 when a ratio misses its target."""

import argparse
import contextlib
import json
import os
import pathlib
import re
import socket
import statistics
import subprocess
import time
import urllib.parse
import urllib.request

import private_postgres

ROOT = pathlib.Path(__file__).resolve().parents[2]
GPU = "GPU-5fd4f087-86f3-7a43-b711-4771313a"
BIG = "GPU-big"
GPUS, CONNECTIONS, WINDOW = 256, 4, 1000


def fill(cluster, database, rows, big_rows=0):
    """A database with the schema and the rows."""
    cluster.sql(f"CREATE DATABASE {database}", database="postgres")
    migrations = sorted((ROOT / "migrations").glob("*.up.sql"))
    filters = next(m for m in migrations if "filter_indexes" in m.name)
    for migration in migrations[: migrations.index(filters)]:
        cluster.sql(migration.read_text(), database=database)
    add_rows(cluster, database, f"'{GPU}' || lpad((k % {GPUS})::text, 4, '0')", rows)
    if big_rows:
        add_rows(cluster, database, f"'{BIG}'", big_rows)
    for migration in migrations[migrations.index(filters) :]:  # an index is made faster than it is filled row by row
        cluster.sql(migration.read_text(), database=database)
    cluster.sql("VACUUM ANALYZE telemetry", database=database)


def add_rows(cluster, database, gpu, rows):
    """450-byte rows as dcgm-exporter has them, 25 metrics."""
    cluster.sql(
        f"""
        INSERT INTO telemetry (uuid, gpu_id, metric_name, "timestamp", device, model_name, hostname, container, pod,
        namespace, value, labels_raw) SELECT gen_random_uuid(), {gpu}, 'DCGM_FI_DEV_METRIC_' || (k / {GPUS}) % 25,
        timestamptz '2026-01-01Z' + k * interval '10 ms',
               'nvidia0', 'NVIDIA H100 80GB HBM3', 'mtv5-dgx1-hgpu-' || lpad((k % {GPUS} / 8)::text, 3, '0'), 'main',
               'pod-' || k % {GPUS}, 'ns-' || k % 4, k % 101, repeat('x', 200)
          FROM generate_series(0, {rows - 1}) k""",
        database=database,
    )


@contextlib.contextmanager
def apigw(cluster, database, log):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {
        "PORT": str(port),
        "LISTEN_ADDRESS": "127.0.0.1",
        "DB_POOL_SIZE": str(CONNECTIONS),
        "DATABASE_URL": f"postgres://prompted@/{database}?host={cluster.home}",
    }
    with open(log, "w", encoding="utf-8") as out:
        process = subprocess.Popen([str(ROOT / "bin" / "apigw")], env=environment, stdout=out, stderr=subprocess.STDOUT)
    try:
        url = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + 20
        while not answers(url + "/readyz"):
            if time.monotonic() > deadline or process.poll() is not None:
                raise SystemExit(f"apigw does not start: see {log}")
            time.sleep(0.05)
        yield url, process.pid
    finally:
        process.terminate()
        process.wait(timeout=20)


def answers(url):
    try:
        with urllib.request.urlopen(url, timeout=2) as reply:
            return reply.status == 200
    except OSError:
        return False


def wrk(url, connections, seconds):
    """Requests per second; every response must be a 2xx."""
    said = subprocess.run(
        ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", url], capture_output=True, text=True, check=True
    ).stdout
    if "Non-2xx" in said or "Socket errors" in said:
        raise SystemExit(said)
    return float(re.search(r"Requests/sec:\s+([0-9.]+)", said).group(1))


def session_settings():
    """apigw's session settings, as PGOPTIONS."""
    sources = "".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "apps" / "apigw").glob("*.[ch]pp")))
    found = dict(re.findall(r'"SET (\w+) = \'?(\w+)\'?"', sources))
    if "enable_sort" not in found:
        raise SystemExit("found no settings of apigw's connections")
    return " ".join(f"-c {name}={value}" for name, value in found.items())


def pgbench(cluster, database, script, seconds):
    said = subprocess.run(
        [
            str(cluster.bin / "pgbench"),
            "-n",
            "-M",
            "extended",
            "-c",
            str(CONNECTIONS),
            "-j1",
            "-T",
            str(seconds),
            "-f",
            str(script),
            "-h",
            str(cluster.home),
            "-p",
            str(cluster.port),
            "-U",
            "prompted",
            database,
        ],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PGOPTIONS": session_settings()},
    ).stdout
    return float(re.search(r"tps = ([0-9.]+)", said).group(1))


def statement_of_apigw(cluster, database, mark="octet_length"):
    """The text of apigw's last statement, as sent."""
    return cluster.sql(
        f"SELECT query FROM pg_stat_activity WHERE application_name = 'prompted-apigw' AND query LIKE '%{mark}%'"
        f" AND datname = '{database}' ORDER BY state_change DESC LIMIT 1",
        database=database,
    )


def script_of(text, parameters, path):
    """A pgbench script: its settings are apigw's (app.cpp), its values literals in place of parameters."""
    for number in range(len(parameters), 0, -1):
        text = text.replace(f"${number}", parameters[number - 1])
    # pgbench ends a command at a semicolon, and takes a colon before a name for a variable.
    path.write_text(text.replace("\n", " ") + ";\n", encoding="utf-8")


def peak_rss_mib(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(re.search(r"VmHWM:\s+(\d+)", status).group(1)) / 1024


def export(url):
    size, begin = 0, time.monotonic()
    with urllib.request.urlopen(url, timeout=300) as reply:
        while piece := reply.read(1 << 16):
            size += len(piece)
    return size, time.monotonic() - begin


def window_of(cluster, database, url, out):
    """A window of WINDOW rows of one GPU: its URL, and pgbench scripts of apigw's statement for it and of the plainest
    SELECT."""
    begin, end = cluster.sql(
        f"""SELECT to_char(min(t) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || ' ' ||
                   to_char(max(t) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
              FROM (SELECT "timestamp" AS t FROM telemetry WHERE gpu_id = '{GPU}0007' ORDER BY 1 OFFSET 100 LIMIT
              {WINDOW}) w""",
        database=database,
    ).split()
    window = f"{url}/api/v1/gpus/{GPU}0007/telemetry?" + urllib.parse.urlencode({"start_time": begin, "end_time": end})
    with urllib.request.urlopen(window, timeout=20) as reply:
        entries = json.load(reply)["entries"]
    if len(entries) != WINDOW:
        raise SystemExit(f"the window has {len(entries)} rows, not {WINDOW}")
    same = out / "window.sql"
    script_of(
        statement_of_apigw(cluster, database),
        [
            f"'{GPU}0007'",
            "'{}'",
            "NULL",
            "NULL",
            "NULL",
            f"'{begin}'",
            f"'{end}'",
            "'-9223372036854775808'",
            "2001",
            "1048576",
        ],
        same,
    )
    plain = out / "window-plain.sql"
    plain.write_text(
        "SELECT uuid, gpu_id, metric_name, \"timestamp\", device, model_name, hostname, container, pod, namespace,"
        f" value, labels_raw, ingested_at FROM telemetry WHERE gpu_id = '{GPU}0007'"
        f" AND \"timestamp\" BETWEEN '{begin}' AND '{end}' ORDER BY \"timestamp\", id;\n",
        encoding="utf-8",
    )
    return window, same, plain


def gpus_of(cluster, database, url, out):
    """URL and pgbench script of the list of GPUs."""
    with urllib.request.urlopen(url + "/api/v1/gpus", timeout=20) as reply:
        gpus = json.load(reply)["gpus"]
    if len(gpus) != GPUS:
        raise SystemExit(f"there are {len(gpus)} GPUs, not {GPUS}")
    same = out / "gpus.sql"
    script_of(statement_of_apigw(cluster, database, "WITH RECURSIVE gpus"), ["''", "5000"], same)
    return url + "/api/v1/gpus", same


def interleaved(rounds, sides):
    """{name: median}"""
    readings = {name: [] for name in sides}
    for _ in range(rounds):
        for name, measure in sides.items():
            readings[name].append(measure())
    return {name: statistics.median(values) for name, values in readings.items()}


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--seconds", type=int, default=2)
    arguments = arguments.parse_args()
    out = ROOT / "build" / "bench"
    out.mkdir(parents=True, exist_ok=True)
    settings = "-c track_activity_query_size=16384"
    with private_postgres.Cluster(settings) as cluster, contextlib.ExitStack() as stack:
        fill(cluster, "small", 20_000)
        fill(cluster, "large", 2_000_000, big_rows=300_000)
        small, _ = stack.enter_context(apigw(cluster, "small", out / "apigw-small.log"))
        large, pid = stack.enter_context(apigw(cluster, "large", out / "apigw-large.log"))

        gpus = interleaved(
            arguments.rounds,
            {
                "small": lambda: wrk(small + "/api/v1/gpus", 1, arguments.seconds),
                "large": lambda: wrk(large + "/api/v1/gpus", 1, arguments.seconds),
            },
        )

        window, same, plain = window_of(cluster, "large", large, out)
        rows = interleaved(
            arguments.rounds,
            {
                "apigw": lambda: wrk(window, CONNECTIONS, arguments.seconds),
                "libpq": lambda: pgbench(cluster, "large", same, arguments.seconds),
                "libpq, plain SELECT": lambda: pgbench(cluster, "large", plain, arguments.seconds),
            },
        )

        before = peak_rss_mib(pid)
        size, took = export(f"{large}/api/v1/gpus/{BIG}/telemetry")
        after = peak_rss_mib(pid)

    results = {
        "gpus_ms_20k_rows": 1000 / gpus["small"],
        "gpus_ms_2m_rows": 1000 / gpus["large"],
        "gpus_ratio": gpus["small"] / gpus["large"],
        "window_per_s": rows["apigw"],
        "window_libpq_per_s": rows["libpq"],
        "window_plain_libpq_per_s": rows["libpq, plain SELECT"],
        "window_ratio": rows["apigw"] / rows["libpq"],
        "export_mib": size / 2**20,
        "export_seconds": took,
        "export_rows_per_s": 300_000 / took,
        "peak_rss_before_mib": before,
        "peak_rss_mib": after,
    }
    targets = [
        (
            "/api/v1/gpus, 2,000,000 rows against 20,000",
            "gpus_ratio",
            "x the time",
            results["gpus_ratio"] <= 1.5,
            "<= 1.5",
        ),
        (
            f"{WINDOW}-row window against libpq, the same SQL",
            "window_ratio",
            "of its rate",
            results["window_ratio"] >= 0.5,
            ">= 0.5",
        ),
        (
            "apigw's peak RSS after an export of 300,000 rows",
            "peak_rss_mib",
            "MiB",
            results["peak_rss_mib"] < 64,
            "< 64",
        ),
    ]
    (out / "api.json").write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    report(results, targets)
    raise SystemExit(0 if all(good for *_, good, _ in targets) else 1)


def report(results, targets):
    print(
        f"/api/v1/gpus, {GPUS} GPUs, 1 connection: {results['gpus_ms_20k_rows']:.2f} ms at 20,000 rows, "
        f"{results['gpus_ms_2m_rows']:.2f} ms at 2,000,000"
    )
    print(
        f"{WINDOW}-row window, {CONNECTIONS} connections: {results['window_per_s']:.0f}/s; "
        f"libpq {results['window_libpq_per_s']:.0f}/s with the same SQL, "
        f"{results['window_plain_libpq_per_s']:.0f}/s with a plain SELECT"
    )
    print(
        f"export of 300,000 rows of one GPU: {results['export_mib']:.0f} MiB in {results['export_seconds']:.1f} s "
        f"({results['export_rows_per_s']:.0f} rows/s), "
        f"peak RSS {results['peak_rss_before_mib']:.0f} MiB before, {results['peak_rss_mib']:.0f} MiB after"
    )
    for title, key, unit, good, target in targets:
        print(f"  {'ok  ' if good else 'MISS'} {title}: {results[key]:.2f} {unit} (target {target})")


if __name__ == "__main__":
    main()
