"""Runs the daemons of one database, and measures the resources that they and PostgreSQL use."""

import http.client
import os
import pathlib
import re
import subprocess
import time

from private_postgres import free_port

ROOT = pathlib.Path(__file__).resolve().parents[2]
TICK = os.sysconf("SC_CLK_TCK")


class Daemon:
    def __init__(self, name, program, settings, log):
        self.name, self.log, self.port = name, log, free_port()
        self.address = f"127.0.0.1:{self.port}"
        environment = {"PORT": str(self.port), "LISTEN_ADDRESS": "127.0.0.1", **settings}
        with open(log, "w", encoding="utf-8") as out:
            self.process = subprocess.Popen([str(program)], env=environment, stdout=out, stderr=subprocess.STDOUT)
        self.pid = self.process.pid

    def get(self, path):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def wait_ready(self, seconds=20):
        deadline = time.monotonic() + seconds
        while True:
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"{self.name} does not get ready: see {self.log}")
            try:
                if self.get("/readyz")[0] == 200:
                    return
            except OSError:
                pass
            time.sleep(0.02)

    def metric(self, name):
        """The sum over all labels; 0 if the metric has no sample yet."""
        values = re.findall(
            rf"^prompted_{self.name}_{name}(?:\{{[^}}]*\}})? ([0-9.e+]+)$", self.get("/metrics")[1], re.M
        )
        return sum(float(value) for value in values)

    def cpu_seconds(self):
        return process_seconds(self.pid)

    def memory_mib(self, what):
        """VmRSS (current) or VmHWM (peak)."""
        status = pathlib.Path(f"/proc/{self.pid}/status").read_text(encoding="ascii")
        return int(re.search(rf"{what}:\s+(\d+)", status).group(1)) / 1024

    def stop(self):
        """Sends SIGTERM; the exit code must be 0."""
        if self.process.poll() is None:
            self.process.terminate()
        if self.process.wait(timeout=30) != 0:
            raise SystemExit(f"{self.name} ended with {self.process.returncode}: see {self.log}")


class Stack:
    """A context manager. `overrides`: {daemon or "": {NAME: value}} on top of what is documented here."""

    def __init__(self, cluster, database, names, overrides, out, programs):
        self.cluster, self.database, self.overrides = cluster, database, overrides
        self.out, self.programs, self.daemons = out, programs, {}
        self.names = names

    def __enter__(self):
        for name in self.names:
            self.start(name)
        for daemon in self.daemons.values():
            daemon.wait_ready()
        return self

    def __exit__(self, kind, *_):
        for daemon in reversed(self.daemons.values()):
            try:
                daemon.stop()
            except (SystemExit, subprocess.TimeoutExpired):
                if kind is None:
                    raise

    def start(self, name, **settings):
        if name != "streamer":
            settings["DATABASE_URL"] = self.cluster.url(self.database)
        if name == "collector":
            settings |= {"MQ_BASE_URL": "http://" + self["mqreader"].address, "LEASE_MAX": "500"}
        if name == "streamer":
            settings["MQ_BASE_URL"] = "http://" + self["mqwriter"].address
        settings |= self.overrides.get("", {}) | self.overrides.get(name, {})
        daemon = Daemon(name, self.programs / name, settings, self.out / f"{self.database}-{name}.log")
        self.daemons[name] = daemon
        return daemon

    def stop(self, name):
        self.daemons.pop(name).stop()

    def __getitem__(self, name):
        return self.daemons[name]

    def persisted(self):
        return int(self["collector"].metric("rows_persisted_total"))

    def wait_persisted(self, rows, seconds):
        """The instant at which the collector had persisted as many since it started; it counts a row after its
        commit."""
        deadline = time.monotonic() + seconds
        while True:
            done = self.persisted()
            if done >= rows:
                return time.monotonic()
            if time.monotonic() > deadline:
                raise SystemExit(f"only {done} of {rows} rows came into telemetry within {seconds} s")
            time.sleep(0.005)


def fields(pid):
    stat = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    return stat.rpartition(")")[2].split()


def process_seconds(pid):
    utime, stime = fields(pid)[11:13]
    return (int(utime) + int(stime)) / TICK


def tree_seconds(pid):
    """CPU seconds of a process, its living children and those that have ended: all of PostgreSQL, from its
    postmaster."""
    ticks = sum(int(value) for value in fields(pid)[11:15])
    for child in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            stat = fields(child.name)
        except OSError:
            continue  # it ended just now: the next reading has it in its parent's sum
        if int(stat[1]) == pid:
            ticks += int(stat[11]) + int(stat[12])
    return ticks / TICK
