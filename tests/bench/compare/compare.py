#!/usr/bin/env python3
"""bench.sh compare: our queue beside peers on the same rows, publishing and consuming at once, in interleaved rounds.

Ours (mqwriter and mqreader over HTTP) and a SKIP LOCKED queue in plain SQL always; Redis streams, NATS JetStream and a
RabbitMQ quorum queue when they are installed (Debian: redis-server, nats-server, rabbitmq-server with librabbitmq-dev).
Each is started privately and removed. Prints a table and writes build/bench/compare.json.
"""

import argparse
import contextlib
import json
import os
import pathlib
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import bench
import conditions
import measure
from private_postgres import DurableCluster, free_port
from stack import ROOT, Stack


@contextlib.contextmanager
def ending(action):
    """The action at the end."""
    try:
        yield
    finally:
        action()


@contextlib.contextmanager
def server(command, log, environment=None):
    """A program that listens until it is ended."""
    with open(log, "w", encoding="utf-8") as out:
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, env=environment, cwd="/")
    try:
        yield process
    finally:
        process.terminate()
        process.wait(timeout=60)


def answer(port, seconds=10):
    """Waits until somebody listens."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise SystemExit(f"nobody listens at {port}") from None
            time.sleep(0.05)


class Comparison:
    def __init__(self, arguments, enter):
        self.arguments, self.enter = arguments, enter
        self.load = measure.Load(arguments.load)
        self.cluster = enter(DurableCluster())
        self.home = pathlib.Path(enter(tempfile.TemporaryDirectory(prefix="prompted-peers-", dir="/var/tmp")))
        self.skipped = []

    def lines(self):
        """{name: function that runs one round}"""
        common = {
            "messages": self.arguments.messages,
            "batch": self.arguments.batch,
            "connections": measure.CONNECTIONS,
        }
        found = {
            "prompted: mqwriter and mqreader, over HTTP": self.ours(),
            "SKIP LOCKED, plain SQL": self.skip_locked(common),
        }
        for name, program, make in (
            ("Redis streams, appendfsync always", "redis-server", self.redis),
            ("NATS JetStream, file store (synced every 2 minutes)", "nats-server", self.nats),
            ("RabbitMQ quorum queue, confirms", "rabbitmq-server", self.rabbitmq),
        ):
            if program == "rabbitmq-server" and shutil.which(program) and not self.load.knows("rabbitmq"):
                self.skipped.append(f"{name}: skipped, librabbitmq-dev was not installed when bench_load was built")
            elif shutil.which(program):
                found[name] = make(common)
            else:
                self.skipped.append(f"{name}: skipped, {program} is not installed (Debian package {program})")
        return found

    def ours(self):
        self.cluster.make_database("queueing")
        stack = self.enter(
            Stack(
                self.cluster,
                "queueing",
                ["mqwriter", "mqreader"],
                bench.overrides_of(self.arguments.set),
                self.arguments.out,
                self.arguments.bin,
            )
        )
        return lambda: measure.queue_only(self.load, stack, self.arguments.messages, self.arguments.batch)

    def skip_locked(self, common):
        self.cluster.sql("CREATE DATABASE skip_locked", database="postgres")
        return lambda: self.load.run("skip-locked", dsn=self.cluster.url("skip_locked"), **common)

    def redis(self, common):
        port = free_port()
        (self.home / "redis").mkdir()
        self.enter(
            server(
                [
                    "redis-server",
                    "--port",
                    str(port),
                    "--bind",
                    "127.0.0.1",
                    "--dir",
                    str(self.home / "redis"),
                    "--save",
                    "",
                    "--appendonly",
                    "yes",
                    "--appendfsync",
                    "always",
                ],
                self.arguments.out / "redis.log",
            )
        )
        answer(port)
        return lambda: self.load.run("redis", port=port, **common)

    def nats(self, common):
        port = free_port()
        (self.home / "nats").mkdir()
        self.enter(
            server(
                ["nats-server", "-a", "127.0.0.1", "-p", str(port), "-js", "-sd", str(self.home / "nats")],
                self.arguments.out / "nats.log",
            )
        )
        answer(port)
        return lambda: self.load.run("nats", port=port, **common)

    def rabbitmq(self, common):
        """A node of its own, with a private epmd, as the user that the package made."""
        port, dist, epmd = free_port(), free_port(), free_port()
        home = self.home / "rabbitmq"
        home.mkdir()
        self.home.chmod(0o755)
        if os.geteuid() == 0:
            shutil.chown(home, "rabbitmq", "rabbitmq")
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "ERL_EPMD_PORT": str(epmd),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODENAME": "bench@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(port),
            "RABBITMQ_DIST_PORT": str(dist),
            "RABBITMQ_MNESIA_BASE": str(home / "mnesia"),
            "RABBITMQ_LOG_BASE": str(home / "log"),
            "RABBITMQ_PID_FILE": str(home / "pid"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(home / "plugins"),
            "RABBITMQ_CONFIG_FILE": str(home / "none"),
            "RABBITMQ_CONF_ENV_FILE": str(home / "none"),
        }
        as_user = (
            ["setpriv", "--reuid", "rabbitmq", "--regid", "rabbitmq", "--init-groups", "--"]
            if os.geteuid() == 0
            else []
        )
        self.enter(
            ending(lambda: subprocess.run(["epmd", "-kill"], env=environment, stdout=subprocess.DEVNULL, check=False))
        )
        self.enter(
            server(
                as_user + ["/usr/lib/rabbitmq/bin/rabbitmq-server"], self.arguments.out / "rabbitmq.log", environment
            )
        )
        answer(port, 60)
        return lambda: self.load.run("rabbitmq", port=port, **common)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--batch", type=int, default=measure.BATCH)
    bench.common_arguments(parser)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    rates = {}
    with contextlib.ExitStack() as stack:
        comparison = Comparison(arguments, stack.enter_context)
        facts = conditions.gather(comparison.cluster, ROOT, bench.overrides_of(arguments.set))
        lines = comparison.lines()
        for number in range(arguments.rounds + 1):  # the first one is the warm-up
            for name, run in lines.items():
                rate = run()["rate"]
                if number:
                    rates.setdefault(name, []).append(rate)
            bench.say("warm-up" if number == 0 else f"round {number} of {arguments.rounds}")
    ours = statistics.median(next(iter(rates.values())))
    (arguments.out / "compare.json").write_text(
        json.dumps({"conditions": facts, "rates": rates}, indent=1) + "\n", encoding="utf-8"
    )
    print("\n".join(conditions.lines(facts, 450, arguments.batch, measure.CONNECTIONS)))
    print(
        f"\n{'publishing and consuming at once, messages a second':52} {'median':>9}  (min–max)           against ours"
    )
    for name, values in rates.items():
        median = statistics.median(values)
        print(f"{name:52} {median:9,.0f}  {f'({min(values):,.0f}–{max(values):,.0f})':20} {median / ours:10.2f}")
    print("\n".join(comparison.skipped))
    return 0


if __name__ == "__main__":
    sys.exit(main())
