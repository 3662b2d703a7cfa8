#!/usr/bin/env python3
"""What careless and hostile clients cost: each attack on a fresh daemon with compose's settings, and the peak of its
memory before and after (VmHWM). Fails when an attack costs more than 32 MiB, or when all limits at once exceed the
container's memory.

    exhaustion.py [--programs bin] [--baseline DIR] [ATTACK…]

--baseline measures other binaries too, without judging them. Needs a Release build: a sanitizer's memory is no measure.
"""

import argparse
import contextlib
import http.client
import json
import pathlib
import re
import socket
import sys
import tempfile
import threading
import time
import uuid

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/bench"))
from private_postgres import Cluster  # noqa: E402  (found by the line above)
from stack import Daemon  # noqa: E402

MIB = 1024 * 1024
MOST_MORE = 32 * MIB
HISTORY_ROWS = 300_000


def compose_of(service):
    """(settings, bytes of mem_limit) of a service in docker-compose.yaml."""
    text = (ROOT / "docker-compose.yaml").read_text(encoding="utf-8")
    block = re.search(rf"^  {service}:\n((?:    .*\n|\n)+)", text, re.M).group(1)
    settings = dict(re.findall(r"^      (HTTP_\w+|MQ_\w+|READER_\w+): (\S+)", block, re.M))
    limit = re.search(r"mem_limit: (\d+)m", block).group(1)
    return settings, int(limit) * MIB


def head(path, length, more=""):
    return f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n{more}\r\n".encode()


def get_head(path, more=""):
    return f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{more}\r\n".encode()


class Attack:
    """Sockets that stay open until the end, and requests in parallel."""

    def __init__(self, daemon, daemons, sql):
        self.daemon, self.daemons, self.sql = daemon, daemons, sql
        self.notes = {}
        self._open = contextlib.ExitStack()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._open.close()

    def connect(self, receive_buffer=None):
        peer = self._open.enter_context(socket.socket())
        if receive_buffer:
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        peer.settimeout(60)
        peer.connect(("127.0.0.1", self.daemon.port))
        return peer

    def send(self, peer, data):
        """The server may refuse it before the end."""
        with contextlib.suppress(OSError):
            peer.sendall(data)

    def request(self, method, path, body=None, timeout=60, daemon=None):
        """(status, body); 0 when the connection broke."""
        connection = http.client.HTTPConnection("127.0.0.1", (daemon or self.daemon).port, timeout=timeout)
        with contextlib.closing(connection):
            try:
                connection.request(method, path, body, {"Host": "localhost"})
                answer = connection.getresponse()
                return answer.status, answer.read()
            except OSError:
                return 0, b""

    def in_parallel(self, calls):
        threads = [threading.Thread(target=call, daemon=True) for call in calls]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def settle(self):
        """Until the daemon has done with what was sent: its CPU time stands still."""
        before, still = -1.0, 0
        while still < 5:
            now = self.daemon.cpu_seconds()
            still = still + 1 if now == before else 0
            before = now
            time.sleep(0.1)


def message(pad=0, gpu="GPU-1"):
    return json.dumps(
        {
            "gpu_id": gpu,
            "metric_name": "DCGM_FI_DEV_GPU_UTIL",
            "timestamp": "2026-02-15T10:00:30Z",
            "value": 1,
            "labels_raw": "x" * pad,
        }
    )


def publish(attack, messages, topic="telemetry"):
    body = '{"topic":"%s","messages":[%s]}' % (topic, ",".join(messages))
    status, text = attack.request("POST", "/v1/publish", body, daemon=attack.daemons["mqwriter"])
    if status != 200:
        raise SystemExit(f"publish: {status} {text[:200]}")


def lease(attack, most, **more):
    wanted = {"topic": "telemetry", "consumer_id": "me", "max": most, "lease_seconds": 60, "wait_ms": 5000, **more}
    status, text = attack.request("POST", "/v1/lease", json.dumps(wanted))
    return json.loads(text) if status == 200 else None


# --- the attacks; their first line is the table's ---


def nack_reason(attack):
    """C1 one nack with a reason of 0.9 MB over 100 messages"""
    publish(attack, [message() for _ in range(100)])
    leased = lease(attack, 100)
    attack.peak_before()
    body = {
        "topic": "telemetry",
        "consumer_id": "me",
        "lease_id": leased["lease_id"],
        "dead": True,
        "reason": "r" * 900_000,
    }
    attack.request("POST", "/v1/nack", json.dumps(body))
    attack.settle()
    for name, what in (("dead letters", "count(*)"), ("their reasons, bytes", "coalesce(sum(length(reason)), 0)")):
        attack.notes[name] = attack.sql(f"SELECT {what} FROM dead_letters").strip()
    attack.notes["log, bytes"] = pathlib.Path(attack.daemon.log).stat().st_size


def consumer_ids(attack):
    """C2 60 waiting leases with consumer ids of 1 MB, three topics of 900 KB, /metrics"""
    attack.peak_before()
    for number in range(60):
        body = json.dumps(
            {"topic": f"t{number % 4}", "consumer_id": "c" * 1_000_000, "max": 1, "lease_seconds": 60, "wait_ms": 30000}
        )
        attack.send(attack.connect(), head("/v1/lease", len(body)) + body.encode())
    for number in range(3):
        attack.request(
            "POST",
            "/v1/lease",
            json.dumps({"topic": str(number) * 900_000, "consumer_id": "me", "max": 1, "lease_seconds": 60}),
        )
    _, text = attack.request("GET", "/metrics")
    attack.notes["/metrics, bytes"] = len(text)
    attack.settle()


def promised_bodies(attack):
    """C3 16 heads that promise 16 MiB, and publishes beside them"""
    attack.peak_before()
    for _ in range(16):
        attack.send(attack.connect(), head("/v1/publish", 16 * MIB) + b"{")
    answers = [attack.request("POST", "/v1/publish", '{"topic":"t","messages":[%s]}' % message())[0] for _ in range(20)]
    attack.notes["publishes answered 200"] = f"{answers.count(200)} of {len(answers)}"


def half_bodies(attack):
    """C3 16 bodies of 16 MiB but for one byte, and publishes beside them"""
    attack.peak_before()
    body = b"x" * (16 * MIB - 1)
    attack.in_parallel([lambda: attack.send(attack.connect(), head("/v1/publish", 16 * MIB) + body)] * 16)
    answers = [attack.request("POST", "/v1/publish", '{"topic":"t","messages":[%s]}' % message())[0] for _ in range(20)]
    attack.notes["publishes answered 200"] = f"{answers.count(200)} of {len(answers)}"


def refused_chunks(attack):
    """C3 100 chunked bodies that are refused, and kept open"""
    attack.peak_before()
    part = b"3400\r\n" + b"x" * 0x3400 + b"\r\n"
    for _ in range(100):
        peer = attack.connect()
        attack.send(
            peer, b"POST /v1/publish HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n" + part * 1260
        )
    attack.settle()


def tiny_chunks(attack):
    """C3 1,000 chunked bodies of tiny chunks that do not end"""
    attack.peak_before()
    for _ in range(1000):
        attack.send(
            attack.connect(),
            b"POST /v1/publish HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
            + b"1\r\nx\r\n" * 10_000,
        )
    attack.settle()


def stall(attack, requests):
    """Clients that ask and do not read; others must be served."""
    attack.peak_before()
    for request in requests:
        attack.send(attack.connect(4096), request)
    attack.settle()
    attack.notes["/healthz"] = attack.request("GET", "/healthz")[0]


EXPORT = "/api/v1/gpus/GPU-1/telemetry?format=ndjson"


def stalled_exports(attack):
    """C4 100 exports that are not read"""
    stall(attack, [get_head(EXPORT)] * 100)


def stalled_coded_exports(attack):
    """C4 100 exports, gzip-coded, that are not read"""
    stall(attack, [get_head(EXPORT, "Accept-Encoding: gzip\r\n")] * 100)


def stalled_pages(attack):
    """C4 190 pages of 10,000 rows that are not read"""
    stall(attack, [get_head("/api/v1/gpus/GPU-1/telemetry?limit=10000")] * 190)


def stalled_leases(attack):
    """C4 8 leases of all there is, 80 MB, that are not read"""
    for _ in range(40):
        publish(attack, [message(250_000) for _ in range(8)])
    lease(attack, 1)
    attack.settle()  # it has loaded the topic
    body = json.dumps({"topic": "telemetry", "consumer_id": "me", "max": 10000, "lease_seconds": 60, "wait_ms": 2000})
    stall(attack, [head("/v1/lease", len(body)) + body.encode()] * 8)


def many_messages(attack):
    """C5 8 publishes of 16 MiB with a million messages each"""
    attack.peak_before()
    small = b'{"gpu_id":"a"},'
    start = b'{"topic":"t","messages":['
    body = start + small * ((16 * MIB - len(start) - 20) // len(small)) + b'{"gpu_id":"a"}]}'
    statuses = []
    attack.in_parallel([lambda: statuses.append(attack.request("POST", "/v1/publish", body)[0])] * 8)
    attack.settle()
    attack.notes["statuses"] = " ".join(str(status) for status in sorted(statuses))


def headers_of_all(attack, connections):
    """Every connection with the largest header and a small body that does not end."""
    filler = "".join(f"X-{number}: {'h' * 1000}\r\n" for number in range(14))
    for _ in range(connections):
        attack.send(attack.connect(), head("/v1/publish", 16_000, filler) + b"x" * 15_999)


def all_of_mqwriter(attack):
    """all at once: mqwriter"""
    attack.peak_before()
    headers_of_all(attack, 900)
    large = b'{"topic":"t","messages":[' + b",".join([message(250_000).encode()] * 64) + b"]}"
    text = b'{"topic":"t","messages":["' + b"x" * (15 * MIB)
    half = b"x" * (16 * MIB - 1)
    attack.in_parallel(
        [lambda: attack.request("POST", "/v1/publish", large)] * 8
        + [lambda: attack.send(attack.connect(), head("/v1/publish", 16 * MIB) + half)] * 8
        + [lambda: attack.request("POST", "/v1/publish", text)] * 4
    )
    many_messages_quietly(attack)
    attack.settle()


def many_messages_quietly(attack):
    small = b'{"gpu_id":"a"},'
    body = b'{"topic":"t","messages":[' + small * 9_998 + b'{"gpu_id":"a"}]}'
    attack.in_parallel([lambda: attack.request("POST", "/v1/publish", body)] * 8)


def all_of_mqreader(attack):
    """all at once: mqreader"""
    for topic in range(6):
        for _ in range(20):
            publish(attack, [message(250_000) for _ in range(8)], f"large-{topic}")
        for _ in range(5):
            publish(attack, [message() for _ in range(10_000)], f"small-{topic}")
    attack.peak_before()
    headers_of_all(attack, 800)
    for number in range(60):
        body = json.dumps(
            {
                "topic": f"{'large' if number % 2 else 'small'}-{number % 6}",
                "consumer_id": "c" * 255,
                "max": 10000,
                "lease_seconds": 60,
                "wait_ms": 5000,
            }
        )
        attack.send(attack.connect(4096), head("/v1/lease", len(body)) + body.encode())
    half = b"x" * (1 * MIB - 1)
    attack.in_parallel([lambda: attack.send(attack.connect(), head("/v1/lease", 1 * MIB) + half)] * 64)
    for _ in range(3):
        attack.request("GET", "/metrics")
    attack.settle()


def all_of_apigw(attack):
    """all at once: apigw"""
    attack.peak_before()
    headers_of_all(attack, 600)
    paths = [
        EXPORT,
        "/api/v1/gpus/GPU-1/telemetry?limit=10000",
        "/api/v1/telemetry?limit=10000",
        "/api/v1/telemetry",
        "/swagger/swagger-ui-bundle.js",
    ]
    for number in range(400):
        coded = "Accept-Encoding: gzip\r\n" if number % 2 else ""
        attack.send(attack.connect(4096), get_head(paths[number % len(paths)], coded))
    attack.settle()


ATTACKS = {  # by daemon, and the others that it needs
    nack_reason: ("mqreader", ["mqwriter"]),
    consumer_ids: ("mqreader", []),
    promised_bodies: ("mqwriter", []),
    half_bodies: ("mqwriter", []),
    refused_chunks: ("mqwriter", []),
    tiny_chunks: ("mqwriter", []),
    stalled_exports: ("apigw", []),
    stalled_coded_exports: ("apigw", []),
    stalled_pages: ("apigw", []),
    stalled_leases: ("mqreader", ["mqwriter"]),
    many_messages: ("mqwriter", []),
    all_of_mqwriter: ("mqwriter", []),
    all_of_mqreader: ("mqreader", ["mqwriter"]),
    all_of_apigw: ("apigw", []),
}


def run(attack_of, programs, cluster, out, more):
    """(peak before, peak after, notes)"""
    name, others = ATTACKS[attack_of]
    database = "d" + uuid.uuid4().hex
    cluster.sql(f'CREATE DATABASE "{database}" TEMPLATE history', database="postgres")
    daemons = {}
    peaks = []
    with contextlib.ExitStack() as stack:
        for service in [name, *others]:
            settings, _ = compose_of(service)
            settings |= {"DATABASE_URL": cluster.url(database), "LISTEN_ADDRESS": "127.0.0.1", **more}
            daemons[service] = Daemon(
                service, programs / service, settings, out / f"{attack_of.__name__}-{service}.log"
            )
            stack.callback(daemons[service].process.kill)
            daemons[service].wait_ready()
        daemon = daemons[name]
        with Attack(daemon, daemons, lambda text: cluster.sql(text, database=database)) as attack:
            attack.peak_before = lambda: peaks.append(daemon.memory_mib("VmHWM"))
            attack_of(attack)
            alive = daemon.process.poll() is None
            peaks.append(daemon.memory_mib("VmHWM") if alive else float("inf"))
            notes = attack.notes
    cluster.sql(f'DROP DATABASE "{database}" WITH (FORCE)', database="postgres")
    return peaks[0], peaks[1], notes


class LocalCluster(Cluster):
    """Daemons reach it by its socket."""

    def url(self, database):
        return f"host={self.home} user=prompted dbname={database}"


def make_template(cluster):
    cluster.sql("CREATE DATABASE history", database="postgres")
    for file in sorted((ROOT / "migrations").glob("*.up.sql")):
        cluster.sql(file.read_text(encoding="utf-8"), database="history")
    last = max(int(file.name.split("_")[0]) for file in (ROOT / "migrations").glob("*.up.sql"))
    cluster.sql(
        f"CREATE TABLE schema_migrations (version bigint PRIMARY KEY, dirty boolean NOT NULL);"
        f"INSERT INTO schema_migrations VALUES ({last}, false)",
        database="history",
    )
    cluster.sql(
        f"""INSERT INTO telemetry (uuid, gpu_id, metric_name, "timestamp", device, value, labels_raw)
        SELECT lpad(to_hex(g), 32, '0')::uuid, 'GPU-1', 'DCGM_FI_DEV_GPU_UTIL',
               timestamptz '2026-01-01T00:00:00Z' + g * interval '1 second', 'nvidia0', g, repeat('x', 150)
          FROM generate_series(1, {HISTORY_ROWS}) g; VACUUM ANALYZE telemetry""",
        database="history",
    )


def judge(attack_of, before, after):
    """ "" or what is wrong."""
    if attack_of.__name__.startswith("all_of_"):
        limit = compose_of(ATTACKS[attack_of][0])[1] / MIB
        return "" if after < limit else f"above the container's {limit:.0f} MiB"
    return "" if (after - before) * MIB <= MOST_MORE else "costs more than 32 MiB"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--programs", type=pathlib.Path, default=ROOT / "bin")
    parser.add_argument("--baseline", type=pathlib.Path, help="binaries to measure beside")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="environment of the daemons")
    parser.add_argument("attacks", nargs="*", help=", ".join(attack.__name__ for attack in ATTACKS))
    arguments = parser.parse_args()
    chosen = [attack for attack in ATTACKS if not arguments.attacks or attack.__name__ in arguments.attacks]
    bad = 0
    with tempfile.TemporaryDirectory(prefix="prompted-memory-") as out, LocalCluster() as cluster:
        make_template(cluster)
        for attack in chosen:
            what = attack.__doc__.splitlines()[0]
            for label, programs in (("baseline", arguments.baseline), ("now", arguments.programs)):
                if programs is None:
                    continue
                before, after, notes = run(
                    attack, programs, cluster, pathlib.Path(out), dict(pair.split("=", 1) for pair in arguments.set)
                )
                wrong = judge(attack, before, after) if label == "now" else ""
                bad += bool(wrong)
                told = "; ".join(f"{name} {value}" for name, value in notes.items())
                told += f"  FAILED: {wrong}" if wrong else ""
                print(f"{what:<75} {label:<8} {before:6.1f} → {after:6.1f} MiB  {told}", flush=True)
    print(f"{len(chosen)} attacks, {bad} failed")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
