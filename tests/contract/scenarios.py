"""Tests beyond the documents: sequences of calls, and values taken from responses."""

import json
import urllib.parse
import uuid

from generic import OK, REFUSED

GPU = "GPU-0a1b2c3d"
MEDIA = {"json": "application/json", "ndjson": "application/x-ndjson", "csv": "text/csv"}
PAST = {"start_time": "2026-02-15T00:00:00Z", "end_time": "2026-02-16T00:00:00Z"}


def value(answer):
    return json.loads(answer.body)


def is_of(media):
    return lambda answer: (
        [] if answer.headers["content-type"].startswith(media) else [f"{answer.headers['content-type']}, not {media}"]
    )


def has(name, wanted):
    return lambda answer: (
        [] if answer.headers.get(name) == wanted else [f"{name}: {answer.headers.get(name)!r}, not {wanted!r}"]
    )


def count(member, wanted):
    def check(answer):
        got = value(answer)[member]
        got = len(got) if isinstance(got, list) else got
        return [] if got == wanted else [f"{member}: {got}, expected {wanted}"]

    return check


def formats(caller, operation):
    """By `format`, by Accept, compressed; a row's and a bucket's columns."""
    for step in ({}, {"step": "5m", "agg": "max"}):
        for name, media in MEDIA.items():
            caller.call(operation, {**PAST, **step, "format": name}, expect=OK, also=is_of(media))
            caller.call(operation, {**PAST, **step}, headers={"Accept": media}, expect=OK, also=is_of(media))
            caller.call(
                operation,
                {**PAST, **step, "format": name},
                headers={"Accept-Encoding": "gzip"},
                expect=OK,
                also=is_of(media),
            )
    caller.call(
        operation, {**PAST, "format": "json"}, headers={"Accept": "text/csv"}, expect=OK, also=is_of(MEDIA["json"])
    )
    caller.call(operation, {**PAST, "limit": 5}, headers={"Accept": "text/csv"}, expect=OK, also=is_of(MEDIA["csv"]))


def next_target(answer):
    """Of `Link: <…>; rel="next"`."""
    link = answer.headers.get("link", "")
    return link[1 : link.index(">")] if link.startswith("<") and 'rel="next"' in link else None


def paging(caller, operation, more):
    """By `next_cursor`, whose page the Link header names too; the pages together are the whole window."""
    query = {**PAST, **more}
    whole = value(caller.call(operation, query, expect=OK))["entries"]
    if len(whole) < 8:
        raise SystemExit("too few rows to page through")
    query["limit"] = len(whole) // 4 + 1  # four pages
    entries, cursor, pages = [], None, 0
    while pages == 0 or cursor:
        answer = caller.call(
            operation, {**query, **({"cursor": cursor} if cursor else {})}, expect=OK, say=f"page {pages + 1}"
        )
        page, target = value(answer), next_target(answer)
        linked = urllib.parse.parse_qs(urllib.parse.urlsplit(target).query).get("cursor", [None])[0] if target else None
        entries, cursor, pages = entries + page["entries"], page["next_cursor"], pages + 1
        caller.report.check(
            f"{operation}: Link of page {pages} names next_cursor",
            [] if linked == cursor else [f"Link's {linked}, next_cursor {cursor}"],
        )
        if pages > 10:
            break
    caller.report.check(
        f"{operation}: {pages} pages with {more} are the whole window",
        []
        if entries == whole and pages == 4
        else [f"{pages} pages, {len(entries)} entries; {len(whole)} in one answer"],
    )


def caching(caller, operation):
    """An ETag for a window that ended, 304 for it, another one after a late row."""
    first = caller.call(operation, PAST, expect=OK, also=has("cache-control", "no-cache"))
    tag = first.headers.get("etag", "none")
    caller.call(operation, PAST, headers={"If-None-Match": tag}, expect=(304,), also=has("etag", tag))
    caller.call(operation, PAST, headers={"If-None-Match": f'"other", {tag}'}, expect=(304,))
    caller.call(operation, PAST, headers={"If-None-Match": '"other"'}, expect=OK)
    caller.stack.cluster.sql(
        "INSERT INTO telemetry (uuid, gpu_id, metric_name, timestamp, value) VALUES "
        f"(gen_random_uuid(), '{GPU}', 'DCGM_FI_DEV_GPU_UTIL', '2026-02-15T11:00:00Z', 1)"
    )
    caller.call(operation, PAST, headers={"If-None-Match": tag}, expect=OK, say="a late row came")
    caller.call(
        operation,
        {"start_time": PAST["start_time"]},
        expect=OK,
        also=has("cache-control", "no-store"),
        say="an open window",
    )


def telemetry(caller):
    one, fleet = caller["apigw", "getGpuTelemetry"], caller["apigw", "getTelemetry"]
    for operation in (one, fleet):
        formats(caller, operation)
        for more in ({}, {"order": "desc"}, {"step": "2m", "agg": "avg"}):
            paging(caller, operation, more)
        caching(caller, operation)
        caller.call(
            operation,
            {"start_time": PAST["end_time"], "end_time": PAST["start_time"]},
            expect=REFUSED,
            names="start_time",
        )
        caller.call(operation, {"start_time": PAST["start_time"], "window": "1h"}, expect=REFUSED, names="window")
        caller.call(operation, {"agg": "avg"}, expect=REFUSED, names="agg")
        caller.call(operation, {"window": "1h", "end_time": "2026-02-15T11:00:00Z"}, expect=OK)
    caller.call(
        one, path={"id": "GPU-nobody"}, expect=OK, also=count("entries", 0), say="an unknown GPU has no entries"
    )


def gpus(caller):
    for name in ("getGpu", "listGpuMetrics"):
        caller.call(caller["apigw", name], path={"id": "GPU-nobody"}, expect=(404,), names="unknown GPU")
        caller.call(caller["apigw", name], path={"id": "é/ %"}, expect=(404,))
    listing = caller["apigw", "listGpus"]
    caller.call(listing, {"hostname": "gpu-node-02"}, expect=OK, also=count("gpus", 1))
    caller.call(listing, {"hostname": "gpu-node-02", "details": "true"}, expect=OK, also=count("gpus", 1))
    caller.call(
        caller["apigw", "getLatestMetrics"],
        {"metric_name": ["DCGM_FI_DEV_GPU_UTIL", "DCGM_FI_DEV_GPU_TEMP"]},
        expect=OK,
        also=count("metrics", 6),
    )


def publish(caller, topic, number, headers=None):
    rows = [
        {"gpu_id": f"GPU-{i}", "metric_name": "m", "timestamp": "2026-02-15T10:00:00Z", "value": value}
        for i, value in zip(range(number), (1, 2.5, "3", None, 4, 5), strict=False)
    ]
    return caller.call(
        caller["mqwriter", "publish"], body={"topic": topic, "messages": rows}, headers=headers, expect=OK
    )


def refused_rows(caller):
    """A publish is all or nothing, and the error names the message."""
    good = {"gpu_id": "GPU-1", "metric_name": "m", "timestamp": "2026-02-15T10:00:00Z", "value": 1}
    wanted = {
        "[1]: gpu_id is required": [
            {"gpu_id": ""},
            {"gpu_id": None},
            {"gpu_id": "", "uuid": "3f8b82b7-90bf-735e-8960-97943c72b6b3"},
        ],
        "[1]": [7, None, [], "row"],
    }
    for names, rows in wanted.items():
        for row in rows:
            bad = {**good, **row} if isinstance(row, dict) else row
            caller.call(
                caller["mqwriter", "publish"],
                body={"topic": "refused", "messages": [good, bad]},
                expect=REFUSED,
                names="messages" + names,
            )
    for row in (
        {"gpu_id": "0", "uuid": "GPU-5fd4f087-86f3-7a43-b711-4771313afc50"},
        {"uuid": "MIG-1"},
        {"more": {"a": [1]}},
    ):
        caller.call(caller["mqwriter", "publish"], body={"topic": "taken", "messages": [{**good, **row}]}, expect=OK)


class Consumer:
    """Leases of one topic and what is done with them."""

    def __init__(self, caller, topic):
        self.caller, self.who = caller, {"topic": topic, "consumer_id": "contract"}

    def lease(self, most):
        body = {**self.who, "max": most, "lease_seconds": 60, "wait_ms": 5000}
        leased = value(
            self.caller.call(
                self.caller["mqreader", "lease"],
                body=body,
                expect=OK,
                also=lambda answer: [] if value(answer)["messages"] else ["no message came within 5 s"],
            )
        )
        return leased["lease_id"], [message["msg_uuid"] for message in leased["messages"]]

    def lease_all(self, number):
        """A long poll ends with the first messages that are there: as many leases as it takes."""
        leases = []
        while sum(len(messages) for _, messages in leases) < number:
            leases.append(self.lease(number))
        return leases

    def call(self, name, lease_id, expect=OK, also=None, **more):
        return self.caller.call(
            self.caller["mqreader", name], body={**self.who, "lease_id": lease_id, **more}, expect=expect, also=also
        )


def queue(caller):
    """publish → lease → extend → ack; and by way of nack to the dead letters and back."""
    key = {"Idempotency-Key": str(uuid.uuid4())}
    publish(caller, "contract", 6, key)
    caller.report.check(
        "a repeated publish is counted as duplicates", count("duplicates", 6)(publish(caller, "contract", 6, key))
    )
    caller.call(
        caller["mqwriter", "publish"],
        body={"topic": "contract", "messages": [{"gpu_id": "GPU-0", "value": 99}]},
        headers=key,
        expect=(409,),
        say="a key that stands for another content",
    )
    consumer = Consumer(caller, "contract")
    leases = consumer.lease_all(6)
    lease_id, messages = max(leases, key=lambda lease: len(lease[1]))
    caller.call(
        caller["mqreader", "listPartitions"],
        expect=OK,
        also=lambda answer: [] if value(answer)["partitions"] else ["none"],
    )
    consumer.call("extend", lease_id, lease_seconds=90)
    consumer.call("extend", str(uuid.uuid4()), expect=(409,), lease_seconds=90)
    consumer.call("ack", lease_id, msg_uuids=messages[:1], also=count("acked", 1))
    consumer.call("ack", str(uuid.uuid4()), also=count("acked", 0))
    for lease_id, _ in leases:
        consumer.call("ack", lease_id)
    consumer.call("extend", lease_id, expect=(409,), lease_seconds=90)
    caller.call(
        caller["mqreader", "lease"],
        body={**consumer.who, "max": 1, "lease_seconds": 1},
        expect=OK,
        also=count("messages", 0),
    )


def dead_letters(caller):
    topic = "contract-dead"
    publish(caller, topic, 5)
    consumer = Consumer(caller, topic)
    leases = consumer.lease_all(5)
    consumer.call(
        "nack", leases[0][0], reason="later", delay_ms=10, msg_uuids=leases[0][1][:1], also=count("requeued", 1)
    )
    again = consumer.lease(1)[0]
    consumer.call("nack", again, reason="never", dead=True, also=count("dead", 1))
    for lease_id, _ in leases:
        consumer.call("nack", lease_id, reason="value: must be a number", dead=True)
    listing = caller["mqreader", "listDeadLetters"]
    first = value(caller.call(listing, {"topic": topic, "limit": 2}, expect=OK, also=count("dead_letters", 2)))
    rest = caller.call(
        listing,
        {"topic": topic, "limit": 100, "cursor": first["next_cursor"]},
        expect=OK,
        also=count("dead_letters", 3),
    )
    letters = [letter["msg_uuid"] for letter in first["dead_letters"] + value(rest)["dead_letters"]]
    redrive, purge = caller["mqreader", "redriveDeadLetters"], caller["mqreader", "purgeDeadLetters"]
    caller.call(redrive, body={"topic": topic, "msg_uuids": letters[:1]}, expect=OK, also=count("redriven", 1))
    caller.call(purge, body={"topic": topic, "msg_uuids": letters[1:2]}, expect=OK, also=count("purged", 1))
    for operation in (redrive, purge):
        caller.call(operation, body={}, expect=REFUSED)
        caller.call(operation, body={"all": False}, expect=REFUSED)
        caller.call(operation, body={"all": True, "msg_uuids": letters}, expect=REFUSED)
    caller.call(redrive, body={"topic": topic, "all": True}, expect=OK, also=count("redriven", 3))
    caller.call(purge, body={"topic": topic, "all": True}, expect=OK, also=count("purged", 0))


ALL = (telemetry, gpus, refused_rows, queue, dead_letters)
