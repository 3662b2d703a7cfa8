#!/usr/bin/env python3
"""Plays a client written against the earlier system: it must work unchanged.

It knows nothing that was added since: it sends {"topic","messages"} as `curl -d` does (a form's content type), leases
without wait_ms, decodes {"lease_id","messages"} and {"acked"} as it knows them, acks whole leases without msg_uuids,
and stops waiting for any response after 10 s. Its topic is its own, so a running collector does not interfere. Exit
code 0: all checks passed."""

import argparse
import http.client
import json
import sys
import time
import urllib.parse
import uuid

TIMEOUT = 10
FORM = "application/x-www-form-urlencoded"


class Broken(Exception):
    pass


def post(base, path, payload, content_type=FORM):
    parts = urllib.parse.urlsplit(base)
    connection = http.client.HTTPConnection(parts.hostname, parts.port or 80, timeout=TIMEOUT)
    try:
        connection.request(
            "POST", parts.path.rstrip("/") + path, body=json.dumps(payload), headers={"Content-Type": content_type}
        )
        answer = connection.getresponse()
        text = answer.read()
    except OSError as error:
        raise Broken(f"POST {base}{path}: {error}") from error
    finally:
        connection.close()
    try:
        return answer.status, json.loads(text)
    except ValueError:
        raise Broken(f"POST {base}{path}: {answer.status}, not JSON: {text[:200]!r}") from None


def expect(condition, what):
    if not condition:
        raise Broken(what)


def field(answer, name, kind):
    expect(isinstance(answer, dict) and name in answer, f"the answer has no {name}: {answer}")
    value = answer[name]
    expect(type(value) is kind, f"{name} must be {kind.__name__}, it is {value!r}")
    return value


def rows(count):
    return [
        {
            "timestamp": "2026-02-15T10:00:00Z",
            "metric_name": "DCGM_FI_DEV_GPU_UTIL",
            "gpu_id": f"GPU-earlier-{i % 7}",
            "device": f"nvidia{i % 7}",
            "uuid": str(uuid.uuid4()),
            "modelName": "NVIDIA A100",
            "Hostname": "node-1",
            "value": str(i),
            "labels_raw": 'a="b"',
        }
        for i in range(count)
    ]


def publish(writer, topic, messages):
    status, answer = post(writer, "/v1/publish", {"topic": topic, "messages": messages})
    expect(status == 200, f"publish was answered {status}: {answer}")
    expect(field(answer, "accepted", int) == len(messages), f"accepted must be {len(messages)}: {answer}")


def lease(reader, topic, consumer, most):
    """(lease_id, messages) of one lease."""
    request = {"topic": topic, "consumer_id": consumer, "max": most, "lease_seconds": 30}
    status, answer = post(reader, "/v1/lease", request)
    expect(status == 200, f"lease was answered {status}: {answer}")
    lease_id = field(answer, "lease_id", str)
    uuid.UUID(lease_id)
    messages = field(answer, "messages", list)
    expect(len(messages) <= most, f"asked for {most} messages, got {len(messages)}")
    for message in messages:
        uuid.UUID(field(message, "msg_uuid", str))
        field(message, "payload", dict)
    return lease_id, messages


def ack(reader, topic, consumer, lease_id):
    status, answer = post(reader, "/v1/ack", {"topic": topic, "consumer_id": consumer, "lease_id": lease_id})
    expect(status == 200, f"ack was answered {status}: {answer}")
    return field(answer, "acked", int)


def consume(reader, topic, consumer, wanted):
    """Leases and acks until `wanted` messages were seen; the payloads by msg_uuid."""
    seen = {}
    give_up = time.monotonic() + 30
    while len(seen) < wanted:
        expect(time.monotonic() < give_up, f"only {len(seen)} of {wanted} messages came within 30 s")
        lease_id, messages = lease(reader, topic, consumer, 10)
        if not messages:
            time.sleep(0.2)  # as POLL_INTERVAL_MS did
            continue
        for message in messages:
            expect(message["msg_uuid"] not in seen, f"message {message['msg_uuid']} was delivered again after its ack")
            seen[message["msg_uuid"]] = message["payload"]
        acked = ack(reader, topic, consumer, lease_id)
        expect(acked == len(messages), f"leased {len(messages)} messages, acked {acked}")
        expect(ack(reader, topic, consumer, lease_id) == 0, "a second ack of a lease must ack 0")
    return seen


def check_errors(writer, reader, topic):
    """The texts under `error` that earlier clients show to people."""
    good_lease = {"topic": topic, "consumer_id": "c", "max": 1, "lease_seconds": 30}
    cases = [
        (writer, "/v1/publish", {"messages": rows(1)}, "topic is required"),
        (writer, "/v1/publish", {"topic": topic, "messages": []}, "messages must not be empty"),
        (reader, "/v1/lease", {**good_lease, "topic": ""}, "topic is required"),
        (reader, "/v1/lease", {**good_lease, "consumer_id": ""}, "consumer_id is required"),
        (reader, "/v1/lease", {**good_lease, "max": 0}, "max must be > 0"),
        (reader, "/v1/lease", {**good_lease, "lease_seconds": 0}, "lease_seconds must be > 0"),
        (reader, "/v1/ack", {"topic": topic, "consumer_id": "c"}, "lease_id is required"),
    ]
    for base, path, payload, text in cases:
        status, answer = post(base, path, payload)
        expect(status == 400, f"{path} {payload}: {status} instead of 400")
        expect(field(answer, "error", str) == text, f"{path}: error is {answer['error']!r} instead of {text!r}")


def play(writer, reader):
    topic = f"earlier-{uuid.uuid4().hex[:12]}"
    consumer = "earlier-client"
    check_errors(writer, reader, topic)
    lease_id, messages = lease(reader, topic, consumer, 10)
    expect(messages == [], f"a topic without messages gave {len(messages)}")
    expect(ack(reader, topic, consumer, lease_id) == 0, "an empty lease must ack 0")
    expect(ack(reader, topic, consumer, str(uuid.uuid4())) == 0, "an unknown lease must ack 0")

    sent = rows(25)
    publish(writer, topic, sent[:1])
    publish(writer, topic, sent[1:])
    seen = consume(reader, topic, consumer, len(sent))

    def by_uuid(row):
        return row["uuid"]

    expect(sorted(seen.values(), key=by_uuid) == sorted(sent, key=by_uuid), "payloads came back changed")
    lease_id, messages = lease(reader, topic, consumer, 10)
    expect(messages == [], f"{len(messages)} messages were left after all were acked")
    return len(seen)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--writer", default="http://localhost:8084", help="mqwriter's URL")
    parser.add_argument("--reader", default="http://localhost:8085", help="mqreader's URL")
    arguments = parser.parse_args()
    try:
        count = play(arguments.writer, arguments.reader)
    except (Broken, ValueError) as error:
        print(f"FAILED: {error}")
        return 1
    print(f"ok: a client of the earlier system published, leased and acked {count} messages")
    return 0


if __name__ == "__main__":
    sys.exit(main())
