#!/usr/bin/env python3
"""Calls every documented operation on running daemons and checks every response against the documents they serve.

Starts a private PostgreSQL and the daemons, asks what each document says of itself, its examples, each parameter, bad
values for each, bodies with one fault each, sequences (pages, entity tags, the life of a message), and all of it once
more without PostgreSQL. Fails if an operation was never called or a documented response never seen. Prints TAP;
deploy/host/test-contract.sh installs what it needs."""

import argparse
import sys

import generic
import scenarios
from client import Caller, Report, send
from document import PROBLEM, Document, self_test
from stack import ROOT, Stack


def read_documents(stack, report):
    documents = {}
    for name, daemon in stack.daemons.items():
        answer = send(daemon.port, "GET", "/swagger/doc.json")
        if answer.status != 200:
            raise SystemExit(f"{name}: /swagger/doc.json was answered {answer.status}")
        documents[name] = Document(name, answer.body)
        report.check(f"{name}: the document and its examples are valid", documents[name].faults())
    return documents


def check_coverage(report, documents):
    for document in documents.values():
        for operation in document.operations:
            unseen = [f"{status} was never seen" for status in operation.must_be_seen() if status not in operation.seen]
            # A header that no answer ever had is documented in vain; of problems only Retry-After is, and the common
            # ones are not forced.
            for status, headers in operation.seen.items():
                spec = operation.spec["responses"].get(str(status), {})
                unseen += [
                    f"{status}: header {name} was never seen"
                    for name in spec.get("headers", {})
                    if name.lower() not in headers and PROBLEM not in spec.get("content", {})
                ]
            report.check(
                f"{operation}: {operation.calls} calls, seen {sorted(operation.seen)}",
                unseen if operation.calls else ["never called"],
            )


def run(stack, report):
    documents = read_documents(stack, report)
    caller = Caller(report, stack, documents)
    operations = list(caller.operations.values())
    for operation in operations:
        generic.ask_everything(caller, operation)
        generic.too_big(caller, operation)
    for scenario in scenarios.ALL:
        scenario(caller)
    stack.stop_postgres()
    for daemon in stack.daemons.values():
        daemon.await_readiness(503)
    for operation in operations:
        generic.without_postgres(caller, operation)
    check_coverage(report, documents)
    print(f"# {len(operations)} operations, {sum(operation.calls for operation in operations)} calls")


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--programs", default=ROOT / "bin", help="where apigw, mqwriter and mqreader are (bin)")
    arguments = parser.parse_args(arguments)
    self_test()
    report = Report()
    with Stack(arguments.programs, LOG_LEVEL="info") as stack:
        run(stack, report)
    report.check("every daemon ends with 0 on SIGTERM", stack.bad_ends)
    return report.end()


if __name__ == "__main__":
    sys.exit(main())
