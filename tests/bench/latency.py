#!/usr/bin/env python3
"""Measures the time from publish to query on a running system (`make up`).

Publishes one message at a time, each with its own metric name, and polls apigw in a tight loop until it is visible.
Prints the distribution of publish → answered and publish → visible. Standard library only."""

import argparse
import datetime
import http.client
import json
import sys
import time
import urllib.parse
import uuid


class Connection:
    """One keep-alive connection, opened again when the peer closed it."""

    def __init__(self, url):
        parts = urllib.parse.urlsplit(url)
        if parts.scheme != "http" or not parts.hostname:
            raise SystemExit(f"not an http URL: {url}")
        self.prefix = parts.path.rstrip("/")
        self.http = http.client.HTTPConnection(parts.hostname, parts.port or 80, timeout=10)
        self.http.connect()

    def ask(self, method, path, body=None, headers=None):
        for last in (False, True):
            try:
                self.http.request(method, self.prefix + path, body=body, headers=headers or {})
                answer = self.http.getresponse()
                return answer.status, answer.read()
            except (http.client.HTTPException, ConnectionError):
                self.http.close()
                if last:
                    raise


def now_text(offset_seconds=0):
    moment = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=offset_seconds)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def measure_once(writer, gateway, gpu, limit):
    """Seconds until one message's response and until its visibility."""
    metric = f"latency_probe_{uuid.uuid4().hex}"
    row = {"timestamp": now_text(), "metric_name": metric, "gpu_id": gpu, "uuid": gpu, "value": 1}
    body = json.dumps({"topic": "telemetry", "messages": [row]})
    headers = {"Content-Type": "application/json", "Idempotency-Key": str(uuid.uuid4())}
    # A window from this message on, so that the response stays small.
    query = urllib.parse.urlencode({"start_time": row["timestamp"]})
    path = f"/api/v1/gpus/{urllib.parse.quote(gpu)}/telemetry?{query}"

    begun = time.perf_counter()
    status, text = writer.ask("POST", "/v1/publish", body, headers)
    answered = time.perf_counter() - begun
    if status != 200:
        raise SystemExit(f"publish was answered {status}: {text.decode(errors='replace')}")
    while True:
        status, text = gateway.ask("GET", path)
        passed = time.perf_counter() - begun
        if status == 200 and metric.encode() in text:
            return answered, passed
        if status >= 400 and status < 500:
            raise SystemExit(f"query was answered {status}: {text.decode(errors='replace')}")
        if passed > limit:
            raise SystemExit(f"the message was not visible after {limit:g} s (is the collector running?)")


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def show(name, seconds):
    marks = [min(seconds)] + [percentile(seconds, p) for p in (0.5, 0.9, 0.99)] + [max(seconds)]
    print(f"{name:22}" + "".join(f"{mark * 1000:10.2f}" for mark in marks))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("count", nargs="?", type=int, default=60, help="messages (60)")
    parser.add_argument("--writer", default="http://localhost:8084", help="mqwriter's URL")
    parser.add_argument("--gateway", default="http://localhost:8080", help="apigw's URL")
    parser.add_argument("--interval", type=float, default=1.0, help="seconds from publish to publish (1)")
    parser.add_argument("--limit", type=float, default=30.0, help="seconds after which a message counts as lost (30)")
    arguments = parser.parse_args()
    if arguments.count < 1:
        parser.error("count must be at least 1")

    try:
        writer, gateway = Connection(arguments.writer), Connection(arguments.gateway)
    except OSError as error:
        raise SystemExit(f"cannot connect: {error} (is the system up? make up)") from error
    gpu = f"GPU-latency-{uuid.uuid4().hex[:8]}"
    answered, visible = [], []
    next_at = time.monotonic()
    for _ in range(arguments.count):
        time.sleep(max(0.0, next_at - time.monotonic()))
        next_at = max(next_at + arguments.interval, time.monotonic())
        seconds = measure_once(writer, gateway, gpu, arguments.limit)
        answered.append(seconds[0])
        visible.append(seconds[1])

    print(f"{arguments.count} messages, one every {arguments.interval:g} s; milliseconds")
    print(f"{'':22}" + "".join(f"{name:>10}" for name in ("min", "p50", "p90", "p99", "max")))
    show("publish -> answered", answered)
    show("publish -> visible", visible)
    return 0


if __name__ == "__main__":
    sys.exit(main())
