"""What the charts' pods run, run here: the migration Job, the wait for the schema and the helm test, each as rendered,
with BusyBox's shell and programs as in their images, against a private PostgreSQL and the daemons with the rendered
settings."""

import socket
import subprocess
import sys
import tempfile
from contextlib import ExitStack, contextmanager
from pathlib import Path

from helm import ROOT, manifests, named, of_kind, pod_spec, render
from matrix import FIXED
from rules import NEWEST, daemons

sys.path.insert(0, str(ROOT / "tests/bench"))
from private_postgres import Cluster

APPLETS = ["sh", "ls", "sed", "sort", "tail", "sleep", "cat", "date", "grep", "timeout", "wget"]


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return str(listener.getsockname()[1])


class Image:
    """A directory that is PATH: BusyBox's programs, and `programs` of this machine."""

    def __init__(self, place, *programs):
        self.path = Path(place)
        for name in APPLETS:
            (self.path / name).symlink_to("/usr/bin/busybox")
        self.arguments = self.path / "arguments"  # what psql and migrate were started with
        self.arguments.touch()
        for name in programs:
            found = subprocess.run(["which", name], capture_output=True, text=True, check=True).stdout.strip()
            (self.path / name).write_text(f'#!/bin/sh\necho "$@" >> "{self.arguments}"\nexec {found} "$@"\n')
            (self.path / name).chmod(0o755)

    def start(self, container, **variables):
        shell, flags, script = container["command"]
        return subprocess.Popen(
            [self.path / shell, flags, script],
            env={"PATH": str(self.path), **variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, container, **variables):
        """(exit code, what it printed)"""
        process = self.start(container, **variables)
        said, _ = process.communicate(timeout=120)
        return process.returncode, said


def expect(result, code, text):
    assert result[0] == code and text in result[1], (
        f"exit code {result[0]} (not {code}), or no {text!r} in: {result[1]}"
    )


def migrations(image, items, cluster, dsn):
    pod = pod_spec(of_kind(items, "Job")[0])
    (job,), (roles,) = pod["initContainers"], pod["containers"]
    waiting = pod_spec(named(items, "Deployment", "prompted-apigw"))["initContainers"][0]
    run = {"DATABASE_URL": dsn, "MIGRATIONS": str(ROOT / "migrations")}
    expect(
        image.run(job, DATABASE_URL=dsn.replace("host=", "host=/gone"), MIGRATIONS=run["MIGRATIONS"], TRIES="2"),
        1,
        "error:",
    )
    expect(image.run(roles, **run), 3, "apply the migrations first")
    own = {
        name: dsn.replace("prompted", f"prompted_{name}", 1) for name in ("mqwriter", "mqreader", "collector", "apigw")
    }
    waiter = image.start(waiting, DATABASE_URL=own["apigw"])
    assert "waiting for schema version" in waiter.stdout.readline()
    expect(image.run(job, **run), 0, f"newest migration: {NEWEST}")
    assert waiter.poll() is None, "it must wait for its role, too"
    expect(image.run(roles, **run, APIGW_DB_PASSWORD="x"), 0, "rights granted to prompted_mqwriter, prompted_mqreader")
    waiter.communicate(timeout=60)
    assert waiter.returncode == 0
    assert cluster.sql("SELECT version, dirty FROM schema_migrations") == f"{NEWEST}|f"
    expect(image.run(job, **run), 0, "no change")
    cluster.sql("UPDATE schema_migrations SET version = 9999")  # after a rollback to these charts
    expect(image.run(job, **run), 0, "newer; nothing to do")
    expect(image.run(waiting, DATABASE_URL=own["apigw"]), 0, "")
    cluster.sql(f"UPDATE schema_migrations SET version = {NEWEST}, dirty = true")
    expect(image.run(job, **run), 1, "Dirty database")
    cluster.sql("UPDATE schema_migrations SET dirty = false")
    # The shell that hides the password decodes it; the server here asks for none.
    shown = {
        **job,
        "command": [*job["command"][:2], job["command"][2].split("dir=")[0] + 'echo "$PGPASSWORD $DATABASE_URL"'],
    }
    expect(image.run(shown, DATABASE_URL=dsn), 0, "hid/en 'p%% postgres://prompted@/queue?host=")
    expect(
        image.run(shown, DATABASE_URL="postgres://a@b/c?password=x%2Fy&sslmode=disable"),
        0,
        "x/y postgres://a@b/c?sslmode=disable\n",
    )
    expect(image.run(shown, DATABASE_URL="postgres://a@b/c"), 0, " postgres://a@b/c\n")
    assert "prompted" in (arguments := image.arguments.read_text()) and "hid" not in arguments, arguments
    return own


@contextmanager
def daemon(service, container, **changed):
    variables = {entry["name"]: entry.get("value", "") for entry in container["env"]}
    process = subprocess.Popen(
        [ROOT / "bin" / service], env={**variables, "LOG_LEVEL": "error", **changed}, stdout=subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        process.terminate()
        assert process.wait(timeout=20) == 0, f"{service}: exit code {process.returncode} after SIGTERM"


def helm_test(image, items, own):
    test = named(items, "Pod", "prompted-test")["spec"]["containers"][0]
    container = {service: found for service, _, found in daemons(items)}
    port = {service: free_port() for service in container}
    url = {service: f"http://127.0.0.1:{port[service]}" for service in container}
    with ExitStack() as running:
        for service in ("mqwriter", "mqreader", "apigw"):
            running.enter_context(daemon(service, container[service], PORT=port[service], DATABASE_URL=own[service]))
        expect(image.run(test, MQWRITER=url["mqwriter"], APIGW=url["apigw"], TRIES="3"), 1, "FAILED: read_back")
        running.enter_context(
            daemon(
                "collector",
                container["collector"],
                PORT=port["collector"],
                DATABASE_URL=own["collector"],
                MQ_BASE_URL=url["mqreader"],
            )
        )
        expect(image.run(test, MQWRITER=url["mqwriter"], APIGW=url["apigw"]), 0, "was published and read back")
    expect(image.run(test, MQWRITER=url["mqwriter"], APIGW=url["apigw"], TRIES="2"), 1, "FAILED: publish")


def check():
    items = manifests(render("umbrella", tuple(FIXED), "1.33"))
    with Cluster() as cluster, tempfile.TemporaryDirectory() as place:
        dsn = f"postgres://prompted:hid%2Fen%20'p%25%25@/queue?host={cluster.home}&sslmode=disable"
        image = Image(place, "migrate", "psql")
        own = migrations(image, items, cluster, dsn)
        helm_test(image, items, own)
    return "migration Job, roles, wait and helm test run"
