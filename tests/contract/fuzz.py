#!/usr/bin/env python3
"""schemathesis against the documents of the running daemons: generated requests, good and bad, and what came back.

One process a document, side by side, each with the same seed. Prints a summary and what failed, with the curl command
that repeats it. Run by deploy/host/test-contract.sh, which installs schemathesis at a pinned version.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

from stack import ROOT, Stack

HERE = pathlib.Path(__file__).resolve().parent
# positive_data_acceptance is left out: some rules are between parameters (agg needs step), which OpenAPI cannot say.
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "response_headers_conformance",
    "negative_data_rejection",
    "missing_required_header",
    "unsupported_method",
    "allow_header_conformance",
)


def command(url, report, arguments):
    # Without the database of examples and the health checks (a slow or picky generator is no fault of the API) runs are
    # alike.
    return [
        str(pathlib.Path(sys.executable).with_name("schemathesis")),
        "--no-color",
        "run",
        url + "/swagger/doc.json",
        "--checks",
        ",".join(CHECKS),
        "--phases",
        "examples,coverage,fuzzing",
        "--max-examples",
        str(arguments.examples),
        "--seed",
        str(arguments.seed),
        "--generation-database",
        "none",
        "--suppress-health-check",
        "all",
        "--continue-on-failure",
        "--request-timeout",
        "20",
        "--warnings",
        "off",
        "--report-json-path",
        str(report),
    ]


class Run:
    """schemathesis against one document."""

    def __init__(self, name, daemon, scratch, arguments):
        self.name, self.report, self.output = name, scratch / f"{name}.json", scratch / f"{name}.txt"
        environment = {
            **os.environ,
            "SCHEMATHESIS_HOOKS": "schemathesis_hooks",
            "PYTHONPATH": str(HERE),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        with open(self.output, "w", encoding="utf-8") as output:
            self.process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", "--", *command(daemon.url, self.report, arguments)],
                # It leaves directories of its own where it runs.
                cwd=scratch,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def faults(self):
        """After its end; prints what schemathesis printed when there are any."""
        found = [] if self.process.returncode == 0 else [f"exit code {self.process.returncode}"]
        self.result = json.loads(self.report.read_text()) if self.report.exists() else None
        if self.result is None:
            found.append("no report")
        else:
            operations = self.result["operations"]
            if not self.result["complete"] or operations["tested"] != operations["total"]:
                found.append(
                    f"{operations['tested']} of {operations['total']} operations were tested: "
                    f"{self.result['stop_reason']}"
                )
        if found:
            print(f"\n{self.output.read_text(errors='replace')}")
        return found

    def line(self, faults):
        if self.result is None:
            return f"{self.name:10}  {'; '.join(faults)}"
        cases = self.result["test_cases"]
        return (
            f"{self.name:10}{self.result['operations']['tested']:>12}{cases['generated']:>12,}"
            f"{cases['unique_failures']:>10}"
            f"{self.result['running_time']:>10.1f}  {'; '.join(faults) or 'ok'}"
        )


def run_all(stack, scratch, arguments):
    runs = []
    try:
        runs = [Run(name, daemon, scratch, arguments) for name, daemon in stack.daemons.items()]
        end = time.monotonic() + arguments.limit
        for run in runs:
            run.process.wait(max(1, end - time.monotonic()))
    except subprocess.TimeoutExpired:
        print(f"not done after {arguments.limit} s")
    finally:
        for run in runs:
            if run.process.poll() is None:
                run.process.kill()
                run.process.wait()
    return [(run, run.faults()) for run in runs]


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--programs", default=ROOT / "bin", help="where apigw, mqwriter and mqreader are (bin)")
    parser.add_argument(
        "--examples", type=int, default=100, help="generated requests an operation in the fuzzing phase, at most (100)"
    )
    parser.add_argument("--seed", type=int, default=20261123)
    parser.add_argument(
        "--limit", type=int, default=600, help="seconds after which it is given up (600; idle it takes about 60)"
    )
    arguments = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="prompted-fuzz-") as scratch, Stack(arguments.programs) as stack:
        judged = run_all(stack, pathlib.Path(scratch), arguments)
        for daemon in stack.daemons.values():
            if daemon.process.poll() is not None:
                stack.bad_ends.append(f"{daemon.name} ended during the run")
    print(f"schemathesis, seed {arguments.seed}, checks: {', '.join(CHECKS)}")
    print(f"{'document':10}{'operations':>12}{'requests':>12}{'failures':>10}{'seconds':>10}")
    for run, faults in judged:
        print(run.line(faults))
    for end in stack.bad_ends:
        print(end)
    return 1 if stack.bad_ends or any(faults for _, faults in judged) else 0


if __name__ == "__main__":
    sys.exit(main())
