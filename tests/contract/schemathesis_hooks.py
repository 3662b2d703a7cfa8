"""Loaded by schemathesis (SCHEMATHESIS_HOOKS): generated requests, kept within what a test run can afford."""

import urllib.parse

import schemathesis
from schemathesis.core.failures import AcceptedNegativeData

LONGEST_WAIT_MS = 50
MOST_TOPICS = 40  # a reader keeps up to 64 in memory and answers 503 when all are in use
topics = set()


def cap_wait(body):
    """A valid long poll would hold the run up for as long as 30 s; an invalid one is left as it is."""
    wait = body.get("wait_ms")
    if isinstance(wait, (int, float)) and not isinstance(wait, bool) and LONGEST_WAIT_MS < wait <= 30000:
        body["wait_ms"] = LONGEST_WAIT_MS


def cap_topics(body):
    topic = body.get("topic")
    if not isinstance(topic, str) or not topic or "\0" in topic or topic in topics:
        return
    if len(topics) < MOST_TOPICS:
        topics.add(topic)
    else:
        body["topic"] = sorted(topics)[len(topic) % MOST_TOPICS]


@schemathesis.hook
def before_call(context, case, kwargs):
    if case.path == "/v1/lease" and isinstance(case.body, dict):
        cap_wait(case.body)
        cap_topics(case.body)


def has_empty_parameter(case, response):
    """docs/api.md: an empty parameter counts as absent, also one that its schema refuses."""
    query = urllib.parse.urlsplit(response.request.url).query
    return (
        any(not value for _, value in urllib.parse.parse_qsl(query, keep_blank_values=True))
        or "" in (case.headers or {}).values()
    )


def is_collectors_business(case):
    """docs/api.md: mqwriter takes any object that names its GPU; the row's schema says what the collector will want."""
    if case.path != "/v1/publish" or not isinstance(case.body, dict):
        return False
    topic, messages = case.body.get("topic"), case.body.get("messages")
    return bool(
        isinstance(topic, str)
        and topic
        and isinstance(messages, list)
        and messages
        and all(isinstance(message, dict) for message in messages)
    )


@schemathesis.hook
def filter_failure(context, failure, case, response):
    """True keeps it. Of these two kinds the document says more than the daemon checks, on purpose."""
    return not isinstance(failure, AcceptedNegativeData) or not (
        has_empty_parameter(case, response) or is_collectors_business(case)
    )
