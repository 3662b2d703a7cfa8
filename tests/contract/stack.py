"""Runs a private PostgreSQL with sample rows, and apigw, mqwriter and mqreader as processes on free loopback ports.

Everything ends with the `with` block: on failure, Ctrl-C and SIGTERM too. Standard library only.
"""

import collections
import contextlib
import http.client
import json
import os
import pathlib
import signal
import subprocess
import sys
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/bench"))
from private_postgres import Cluster  # noqa: E402  (it is found by the line above)

SERVICES = ("apigw", "mqwriter", "mqreader")
START_SECONDS = 30
POSTGRES = "-c shared_buffers=128MB -c max_wal_size=256MB -c autovacuum=on"
STOP_SECONDS = 20  # SHUTDOWN_GRACE is 10 s

# The GPUs and metrics of the documented examples. The third GPU has no pod, as a node without Kubernetes; each 20th
# value is NULL.
GPUS = ("GPU-0a1b2c3d", "GPU-5e6f7a8b", "GPU-c9d0e1f2")
METRICS = ("DCGM_FI_DEV_GPU_UTIL", "DCGM_FI_DEV_GPU_TEMP", "DCGM_FI_DEV_FB_USED")
INSTANTS = 40
FIRST_ROW = "2026-02-15T10:00:30.000000Z"
FILL = f"""
INSERT INTO telemetry (uuid, gpu_id, metric_name, timestamp, device, model_name, hostname, container, pod, namespace,
value, labels_raw) SELECT gen_random_uuid(), gpu, metric, timestamptz '{FIRST_ROW}' + (n - 1) * interval '30 s',
'nvidia' || g - 1,
       'NVIDIA H100 80GB HBM3', 'gpu-node-0' || g, CASE WHEN g < 3 THEN 'trainer' END, CASE WHEN g < 3 THEN 'llm-train-'
       || g - 1 END, CASE WHEN g < 3 THEN 'ml-team' END, CASE WHEN n % 20 > 0 THEN n * 1.25 END,
       'job="dcgm-exporter",text="a, ""b"" ü"'
  FROM unnest(ARRAY{list(GPUS)}) WITH ORDINALITY gpus(gpu, g), unnest(ARRAY{list(METRICS)}) metric, generate_series(1,
  {INSTANTS}) n;
ANALYZE telemetry
"""


class Daemon:
    """One process. It says on stdout where it listens, and is killed by the kernel should this program die."""

    def __init__(self, program, environment):
        self.name = program.name
        self.last_lines = collections.deque(maxlen=40)
        self.process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", "--", str(program)],
            env={"PATH": os.environ["PATH"], **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            # A group of its own: a Ctrl-C at the terminal is for this program, which then stops the daemons.
            start_new_session=True,
        )
        self.port = self._announced_port()
        threading.Thread(target=self.last_lines.extend, args=(self.process.stdout,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self.port}"

    def _announced_port(self):
        for line in self.process.stdout:
            self.last_lines.append(line)
            if '"listening"' in line:
                return json.loads(line)["port"]
        raise SystemExit(f"{self.name} ended before it listened:\n{''.join(self.last_lines)}")

    def readiness(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        with contextlib.closing(connection):
            connection.request("GET", "/readyz")
            return connection.getresponse().status

    def await_readiness(self, status):
        """Waits until /readyz returns `status`."""
        end = time.monotonic() + START_SECONDS
        while self.readiness() != status:
            if time.monotonic() > end:
                raise SystemExit(
                    f"{self.name}: /readyz did not answer {status} in {START_SECONDS} s:\n{''.join(self.last_lines)}"
                )
            time.sleep(0.02)

    def stop(self):
        """The exit code: 0, or how it ended instead."""
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return f"not ended {STOP_SECONDS} s after SIGTERM"


class Stack:
    """A context manager; `daemons` by name, `cluster` for SQL. A daemon that ends badly is told on stderr and in
    `bad_ends`."""

    def __init__(self, programs=ROOT / "bin", services=SERVICES, **environment):
        self.programs, self.services, self.environment = pathlib.Path(programs), services, environment
        self.daemons, self.bad_ends = {}, []

    def __enter__(self):
        # Python would die of SIGTERM without leaving its `with` blocks; unittest would go on after a SystemExit.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        self._exit = contextlib.ExitStack()
        try:
            self.cluster = self._exit.enter_context(Cluster(POSTGRES))
            for migration in sorted((ROOT / "migrations").glob("*.up.sql")):
                self.cluster.sql(migration.read_text())
            self.cluster.sql(FILL)
            for name in self.services:
                self._start(name)
            for daemon in self.daemons.values():
                daemon.await_readiness(200)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        # A second Ctrl-C would leave processes behind; this takes STOP_SECONDS a daemon at most.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        self._exit.close()
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)

    def stop_postgres(self):
        """A fast shutdown, as by `pg_ctl -m fast stop`; returns at once, the daemons notice."""
        os.kill(int((self.cluster.data / "postmaster.pid").read_text().split()[0]), signal.SIGINT)

    def _start(self, name):
        settings = {
            "PORT": "0",
            "LISTEN_ADDRESS": "127.0.0.1",
            "DATABASE_URL": f"postgres://prompted@/queue?host={self.cluster.home}",
            **self.environment,
        }
        daemon = Daemon(self.programs / name, settings)
        self.daemons[name] = daemon
        self._exit.callback(self._stop, daemon)

    def _stop(self, daemon):
        end = daemon.stop()
        if end != 0:
            self.bad_ends.append(f"{daemon.name} ended with {end}")
            print(f"{self.bad_ends[-1]}; its last lines:\n{''.join(daemon.last_lines)}", file=sys.stderr)
