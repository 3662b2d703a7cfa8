"""Sends requests to the daemons and checks each response against its operation's documentation. Standard library
only."""

import contextlib
import gzip
import http.client
import json
import sys
import urllib.parse

from document import Answer


class Report:
    """Test Anything Protocol (TAP) on stdout."""

    def __init__(self):
        self.passed, self.failed = 0, 0

    def check(self, name, faults):
        """`faults`: texts; none of them: it passed."""
        self.passed, self.failed = self.passed + (not faults), self.failed + bool(faults)
        print(f"{'not ok' if faults else 'ok'} {self.passed + self.failed} - {name}")
        for fault in faults[:5]:
            print(f"  # {fault}")
        sys.stdout.flush()

    def end(self):
        print(f"1..{self.passed + self.failed}\n# {self.passed} passed, {self.failed} failed")
        return 1 if self.failed else 0


def send(port, method, target, body=None, headers=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=40)
    with contextlib.closing(connection):
        connection.request(method, target, body=body, headers=headers or {})
        answer = connection.getresponse()
        # Repeated headers are joined as RFC 9110 allows.
        fields = {}
        for name, value in answer.getheaders():
            key = name.lower()
            fields[key] = f"{fields[key]}, {value}" if key in fields else value
        content = answer.read()
    if fields.get("content-encoding") == "gzip":
        content = gzip.decompress(content)
    return Answer(answer.status, fields, content)


class Caller:
    def __init__(self, report, stack, documents):
        self.report, self.stack, self.documents = report, stack, documents
        self.operations = {
            (document.name, operation.id): operation
            for document in documents.values()
            for operation in document.operations
        }

    def call(self, operation, query=(), body=None, headers=None, path=None, expect=None, names=None, also=None, say=""):
        """One request and one line of the report; the answer.

        query: name → value or values. body: JSON value, or bytes as they are. path: name → value of the path's
        parameters; the documented examples unless given. expect: statuses. names: a text that the problem's detail must
        hold. also: a function of the answer that returns further faults. say: for the report, when the request does not
        tell.
        """
        pairs = dict(query)
        target = operation.path.format(
            **{
                name: urllib.parse.quote(value, safe="")
                for name, value in (path or examples(operation, "path")).items()
            }
        )
        if pairs:
            target += "?" + urllib.parse.urlencode(pairs, doseq=True, quote_via=urllib.parse.quote)
        data = json.dumps(body).encode() if body is not None and not isinstance(body, bytes) else body
        answer = send(self.stack.daemons[operation.document.name].port, operation.method, target, data, headers)
        faults = operation.faults(answer)
        if expect is not None and answer.status not in expect:
            faults.append(f"status {answer.status}, expected {' or '.join(map(str, expect))}: {answer.body[:300]!r}")
        if not query and not headers:
            faults += self._body_faults(operation, body, answer)
        if names is not None and names.encode() not in answer.body:
            faults.append(f"{names!r} is not named: {answer.body[:300]!r}")
        if also is not None and not faults:
            faults += also(answer)
        told = [f"{operation.document.name} {operation.method} {shorten(target)}"] + [
            shorten(f"{k}: {v}") for k, v in (headers or {}).items()
        ]
        if data is not None:
            told.append(shorten(data.decode(errors="replace")))
        self.report.check(f"{' '.join(told)}{' (' + say + ')' if say else ''} -> {answer.status}", faults)
        return answer

    @staticmethod
    def _body_faults(operation, body, answer):
        """The documented schema of a request's body takes what the daemon takes, and refuses what it refuses."""
        if operation.body_schema is None or body is None or isinstance(body, bytes) or answer.status not in (200, 400):
            return []
        refused = operation.document.judge(operation.body_schema, body)
        if answer.status == 200:
            return [f"accepted, but not by the documented schema: {fault}" for fault in refused]
        return [] if refused else ["refused, but fits the documented schema"]

    def __getitem__(self, key):
        """An operation by (daemon, operationId)."""
        return self.operations[key]


def examples(operation, place):
    return {
        parameter["name"]: parameter["example"]
        for parameter in operation.parameters
        if parameter["in"] == place and "example" in parameter
    }


def shorten(text, most=140):
    text = text.replace("\n", "\\n").replace("#", "%23")
    return text if len(text) <= most else f"{text[:most]}… ({len(text)} characters)"
