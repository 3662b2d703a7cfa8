"""Checks responses against an OpenAPI 3.0.3 document, and records requests and responses.

jsonschema (by way of openapi-schema-validator, for 3.0.3's `nullable` and boolean `exclusiveMinimum`) comes from PyPI
at pinned versions into the virtual environment that schemathesis needs anyway: Debian's and Ubuntu's python3-jsonschema
differ by release.
"""

import collections
import csv
import io
import json
import re

from openapi_schema_validator import OAS30Validator, oas30_format_checker
from openapi_spec_validator import OpenAPIV30SpecValidator

PROBLEM = "application/problem+json"
# Headers that tell a client what to do next: an answer may carry only those that its operation documents.
TELLING_HEADERS = ("ETag", "Link", "Location", "Retry-After", "Allow")
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)

Answer = collections.namedtuple("Answer", "status headers body")  # headers: names in lower case


def strict_json(text):
    def refuse(name):
        raise ValueError(f"{name} is no JSON")

    return json.loads(text, parse_constant=refuse)


# The checker's own takes any text that uuid.UUID understands: braces, "urn:uuid:", no hyphens.
@oas30_format_checker.checks("uuid")
def is_uuid(value):
    return not isinstance(value, str) or UUID.fullmatch(value) is not None


class Operation:
    def __init__(self, document, method, path, spec):
        self.document, self.method, self.path, self.spec = document, method, path, spec
        self.id = spec["operationId"]
        self.parameters = spec.get("parameters", [])
        content = spec.get("requestBody", {}).get("content", {})
        self.body_schema, self.body_example = None, None
        if content:
            self.body_schema = content["application/json"]["schema"]
            self.body_example = content["application/json"].get("example")
        self.calls = 0
        self.seen = collections.defaultdict(set)  # status -> names of the headers, in lower case, that came with it

    def __str__(self):
        return f"{self.document.name} {self.method} {self.path}"

    def must_be_seen(self):
        """Every status but the problems that any operation can answer; those are provoked for some operations only."""
        return [
            int(status)
            for status in self.spec["responses"]
            if int(status) not in self.document.common
            or PROBLEM not in self.spec["responses"][status].get("content", {PROBLEM: {}})
        ]

    def faults(self, answer):
        """Differences between a response and its documentation; counts the response as seen."""
        self.calls += 1
        spec = self.spec["responses"].get(str(answer.status))
        if spec is None:
            return [f"status {answer.status} is not documented: {answer.body[:300]!r}"]
        self.seen[answer.status].update(answer.headers)
        documented = {name.lower() for name in spec.get("headers", {})}
        found = [
            f"{answer.status}: header {name} is not documented"
            for name in TELLING_HEADERS
            if name.lower() in answer.headers and name.lower() not in documented
        ]
        for name, header in spec.get("headers", {}).items():
            if (
                name.lower() in answer.headers
                and header["schema"]["type"] == "integer"
                and not answer.headers[name.lower()].isdigit()
            ):
                found.append(f"{name}: {answer.headers[name.lower()]!r} is no whole number")
        return found + self._body_faults(answer, spec.get("content", {}))

    def _body_faults(self, answer, content):
        if not content:
            return [f"{answer.status}: a body that is not documented: {answer.body[:100]!r}"] if answer.body else []
        media = answer.headers.get("content-type", "").split(";")[0].strip()
        if media not in content:
            return [f"{answer.status}: content type {media!r} is not one of {list(content)}"]
        try:
            text = answer.body.decode("utf-8")
            if media == "text/csv":
                return self._csv_faults(text, content[media])
            if media == "application/x-ndjson":
                if text and not text.endswith("\n"):
                    return ["the last line of NDJSON has no end"]
                line_schema = self.entry_schema(content)
                return [
                    fault for line in text.splitlines() for fault in self.document.judge(line_schema, strict_json(line))
                ]
            if not media.endswith("json"):
                return self.document.judge(content[media]["schema"], text)
            return self._json_faults(answer, media, content[media]["schema"], strict_json(text))
        except ValueError as error:
            return [f"{media}: {error}: {answer.body[:200]!r}"]

    def _json_faults(self, answer, media, schema, value):
        found = self.document.judge(schema, value)
        if media == PROBLEM and not found:
            if value["status"] != answer.status:
                found.append(f"the problem says {value['status']}, the status line {answer.status}")
            if value["error"] != value["detail"] or not value["detail"]:
                found.append(f"error {value['error']!r} is not detail {value['detail']!r}")
        return found

    def entry_schema(self, content):
        """An NDJSON line is what the JSON answer has in `entries`."""
        return self.document.resolve(content["application/json"]["schema"])["properties"]["entries"]["items"]

    @staticmethod
    def _csv_faults(text, documented):
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
        columns = next(csv.reader([documented["example"].splitlines()[0]]))
        if not rows or not set(rows[0]) <= set(columns):
            return [f"CSV header {rows[:1]} is not of {columns}"]
        return [
            f"CSV line {number}: {len(row)} fields, {len(rows[0])} columns"
            for number, row in enumerate(rows, 1)
            if len(row) != len(rows[0])
        ]


class Document:
    # What every operation can answer, from any state: too bad, too big, too full.
    common = frozenset((400, 403, 413, 421, 431, 500, 503))

    def __init__(self, name, text):
        self.name, self.json = name, strict_json(text)
        self.operations = [
            Operation(self, method.upper(), path, spec)
            for path, methods in self.json["paths"].items()
            for method, spec in methods.items()
        ]

    def resolve(self, schema):
        while "$ref" in schema:
            schema = self.json["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        return schema

    def judge(self, schema, value):
        """Reasons why `value` violates `schema`; empty if it does not."""
        whole = {**schema, "components": self.json["components"]}
        errors = OAS30Validator(whole, format_checker=oas30_format_checker).iter_errors(value)
        return [f"{error.json_path}: {error.message[:300]}" for error in errors]

    def faults(self):
        """Of the document itself: against OpenAPI's own schema, and each example against the schema beside it."""
        found = [error.message[:300] for error in OpenAPIV30SpecValidator(self.json).iter_errors()]
        for operation in self.operations:
            media = [
                ("request", content) for content in operation.spec.get("requestBody", {}).get("content", {}).values()
            ]
            for status, answer in operation.spec["responses"].items():
                media += [(status, content) for content in answer.get("content", {}).values()]
            examples = media + [(f"parameter {parameter['name']}", parameter) for parameter in operation.parameters]
            for where, holder in examples:
                if "example" in holder:
                    found += [
                        f"{operation}: example of {where}: {fault}"
                        for fault in self.judge(holder["schema"], holder["example"])
                    ]
        return found


def self_test():
    """Checks the checker: formats are validated only if their checkers are installed, and a missing one would go
    unnoticed."""
    document = Document(
        "self-test", json.dumps({"paths": {}, "components": {"schemas": {"N": {"type": "integer", "nullable": True}}}})
    )
    cases = [
        (
            {"type": "string", "format": "date-time"},
            "2026-02-15T10:00:01.000000Z",
            ("2026-02-30T10:00:01Z", "2026-02-15", ""),
        ),
        (
            {"type": "string", "format": "uuid"},
            "3f8b82b7-90bf-735e-8960-97943c72b6b3",
            ("3f8b82b790bf735e896097943c72b6b3", ""),
        ),
        ({"$ref": "#/components/schemas/N"}, None, ("1", 1.5)),
        ({"type": "number", "minimum": 0, "exclusiveMinimum": True}, 0.1, (0, None, "1")),
        ({"type": "object", "additionalProperties": False}, {}, ({"a": 1}, [])),
    ]
    for schema, good, bad in cases:
        if document.judge(schema, good) or not all(document.judge(schema, value) for value in bad):
            raise SystemExit(f"the validator does not check {schema}")
