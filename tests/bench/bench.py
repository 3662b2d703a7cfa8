#!/usr/bin/env python3
"""make bench: compares the daemons' throughput with PostgreSQL's own, as ratios within one run.

A private PostgreSQL (durable, autovacuum on, defaults), the daemons of bin/ and the load generator share this machine.
Rounds are interleaved; medians are reported. Prints a table, writes results.json and results.svg to build/bench.
tests/bench/README.md says what each line means. Exits 0 if everything was measured; --strict: 1 if a target was missed.
"""

import argparse
import contextlib
import json
import pathlib
import statistics
import sys
import time

import api
import conditions
import measure
import plot
import report
from private_postgres import DurableCluster
from stack import ROOT, Stack

PARTS = ("throughput", "streamer", "latency", "reading")


def absolute(path):
    return pathlib.Path(path).resolve()


def common_arguments(parser):
    parser.add_argument(
        "--set", action="append", default=[], metavar="[DAEMON.]NAME=VALUE", help="a setting of the daemons"
    )
    parser.add_argument("--bin", type=absolute, default=ROOT / "bin", help="where the daemons are")
    parser.add_argument(
        "--load", type=absolute, default=ROOT / "build/bench/cmake/bin/bench_load", help="the load generator"
    )
    parser.add_argument("--out", type=absolute, default=ROOT / "build/bench", help="where the results go")
    parser.add_argument("--strict", action="store_true", help="exit 1 when a target was missed")


def parse():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3, help="of a throughput measurement (3)")
    parser.add_argument("--probe-seconds", type=float, default=60, help="of latency at one message a second (60)")
    parser.add_argument("--only", default=",".join(PARTS), help=f"parts to measure, of {', '.join(PARTS)}")
    common_arguments(parser)
    arguments = parser.parse_args()
    arguments.only = arguments.only.split(",")
    if unknown := set(arguments.only) - set(PARTS):
        parser.error(f"--only: {', '.join(unknown)}")
    return arguments


def overrides_of(settings):
    """{daemon or "": {NAME: value}}"""
    found = {}
    for setting in settings:
        name, _, value = setting.partition("=")
        daemon, _, name = name.rpartition(".")
        found.setdefault(daemon, {})[name] = value
    return found


def median_of(readings):
    """The readings of one line, member by member; numbers become medians, the rates are kept too."""
    merged = {"rates": [reading["rate"] for reading in readings]}
    for name, first in readings[0].items():
        values = [reading[name] for reading in readings]
        merged[name] = (
            {key: statistics.median(value[key] for value in values) for key in first}
            if isinstance(first, dict)
            else statistics.median(values)
        )
    return merged


class Bench:
    def __init__(self, arguments, cluster, enter):
        self.arguments, self.cluster, self.load = arguments, cluster, measure.Load(arguments.load)
        self.overrides = overrides_of(arguments.set)
        self.enter = enter  # contextlib.ExitStack.enter_context
        self.results = {"conditions": conditions.gather(cluster, ROOT, self.overrides)}

    def stack(self, database, *names):
        self.cluster.make_database(database)
        return self.enter(Stack(self.cluster, database, names, self.overrides, self.arguments.out, self.arguments.bin))

    def run(self):
        pipeline = self.pipeline = self.stack("pipeline", "mqwriter", "mqreader", "collector", "apigw")
        self.idle(pipeline)
        say("warm-up")
        warm = measure.end_to_end(self.load, pipeline, 20_000)
        warm = measure.end_to_end(self.load, pipeline, measure.BATCH * max(20, int(warm["rate"] * 2 / measure.BATCH)))
        if "throughput" in self.arguments.only:
            self.throughput(warm["rate"])
        if "streamer" in self.arguments.only:
            self.streamer()
        if "latency" in self.arguments.only:
            self.latency(self.results["end_to_end"]["rate"] if "end_to_end" in self.results else warm["rate"])
        if "reading" in self.arguments.only:
            self.reading()

    def csv(self, repeats):
        """Writes rows of a real DCGM dump, repeated many times."""
        header, *rows = (ROOT / "tests/system/dcgm-slice.csv").read_text(encoding="utf-8").splitlines()
        path = self.arguments.out / "streamer.csv"
        path.write_text("\n".join([header] + rows * repeats) + "\n", encoding="utf-8")
        return path

    def idle(self, stack):
        stack.start("streamer", STREAMER_CSV_PATH=str(self.csv(1)), STREAMER_INTERVAL_MS="60000").wait_ready()
        time.sleep(1.5)  # their startup work is over
        self.results["idle_rss_mib"] = {name: daemon.memory_mib("VmRSS") for name, daemon in stack.daemons.items()}
        stack.stop("streamer")
        measure.wait_drained(stack)

    def throughput(self, guess):
        seconds, cluster, load = self.arguments.seconds, self.cluster, self.load
        cluster.make_database("limits")
        queue, small = self.stack("queueing", "mqwriter", "mqreader"), self.stack("small", "mqwriter")
        messages = measure.BATCH * max(20, round(guess * seconds / measure.BATCH))
        measure.limit(load, cluster, "limits", "life", 1)
        measure.queue_only(load, queue, 20_000)
        lines = {
            "limit_life": lambda: measure.limit(load, cluster, "limits", "life", seconds),
            "end_to_end": lambda: measure.end_to_end(load, self.pipeline, messages),
            "limit_queue": lambda: measure.limit(load, cluster, "limits", "queue", seconds),
            "queue_only": lambda: measure.queue_only(load, queue, messages),
            "limit_single": lambda: measure.limit(load, cluster, "limits", "single", seconds * 2 / 3, connections=4),
            "small_publishers": lambda: measure.small_publishers(load, small, seconds * 2 / 3),
        }
        readings = {name: [] for name in lines}
        for number in range(self.arguments.rounds):
            for name, run in measure.turns(lines, number):
                readings[name].append(run())
            say(
                f"round {number + 1} of {self.arguments.rounds}: "
                + ", ".join(f"{name} {values[-1]['rate']:.0f}/s" for name, values in readings.items())
            )
        self.results |= {name: median_of(values) for name, values in readings.items()}
        self.results["peak_rss_mib"] = {
            name: daemon.memory_mib("VmHWM") for name, daemon in self.pipeline.daemons.items()
        }

    def streamer(self):
        say("the streamer as the publisher")
        csv = self.csv(100)
        self.results["streamer"] = median_of(
            [measure.streamer(self.pipeline, csv, self.arguments.seconds) for _ in range(min(3, self.arguments.rounds))]
        )

    def latency(self, rate):
        seconds = self.arguments.probe_seconds
        self.cluster.sql(
            "VACUUM ANALYZE", database=self.pipeline.database
        )  # work left over by earlier rounds does not count
        self.cluster.sql("CHECKPOINT")
        say(f"latency at 1/s ({seconds:g} s) and at half the rate ({rate / 2:.0f}/s)")
        self.results["latency_1s"] = measure.latency(self.load, self.pipeline, seconds, 1)
        self.results["latency_half"] = measure.latency(self.load, self.pipeline, seconds / 3, 0.1, rate=rate / 2)

    def reading(self):
        say("reading")
        api.fill(self.cluster, "reading", 300_000)
        stack = self.enter(
            Stack(self.cluster, "reading", ["apigw"], self.overrides, self.arguments.out, self.arguments.bin)
        )
        url, out = "http://" + stack["apigw"].address, self.arguments.out
        window, same, plain = api.window_of(self.cluster, "reading", url, out)
        gpus, same_gpus = api.gpus_of(self.cluster, "reading", url, out)
        seconds = max(1, round(self.arguments.seconds / 3))
        self.results["reading"] = api.interleaved(
            self.arguments.rounds,
            {
                "window": lambda: api.wrk(window, api.CONNECTIONS, seconds),
                "window_libpq": lambda: api.pgbench(self.cluster, "reading", same, seconds),
                "window_plain_libpq": lambda: api.pgbench(self.cluster, "reading", plain, seconds),
                "gpus": lambda: api.wrk(gpus, api.CONNECTIONS, seconds),
                "gpus_libpq": lambda: api.pgbench(self.cluster, "reading", same_gpus, seconds),
            },
        )


def say(what):
    print(f"[{time.strftime('%H:%M:%S')}] {what}", file=sys.stderr, flush=True)


def main():
    arguments = parse()
    arguments.out.mkdir(parents=True, exist_ok=True)
    begun = time.monotonic()
    # The statements of apigw are taken from pg_stat_activity, whole.
    with DurableCluster("-c track_activity_query_size=16384") as cluster, contextlib.ExitStack() as stack:
        bench = Bench(arguments, cluster, stack.enter_context)
        bench.run()
    results = bench.results
    results["seconds"] = time.monotonic() - begun
    targets = report.targets(results)
    results["targets"] = [
        {"name": name, "value": value, "target": wanted, "ok": good} for name, value, wanted, good in targets
    ]
    (arguments.out / "results.json").write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    said = conditions.lines(results["conditions"], 450, measure.BATCH, measure.CONNECTIONS)
    plot.draw(
        "prompted: make bench",
        said[0],
        report.ratios(results),
        report.latencies(results),
        arguments.out / "results.svg",
    )
    print("\n".join(said + [""] + report.table(results) + [""] + report.target_lines(targets)))
    print(f"\n{results['seconds']:.0f} s; {arguments.out / 'results.json'}, {arguments.out / 'results.svg'}")
    return 1 if arguments.strict and not all(good for *_, good in targets) else 0


if __name__ == "__main__":
    sys.exit(main())
