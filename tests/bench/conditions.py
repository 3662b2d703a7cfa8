"""The machine and software of a measurement, reported with its results."""

import os
import pathlib
import statistics
import subprocess
import tempfile
import time


def fdatasync_ms(directory):
    """Median of 200 syncs of 8 KiB: what one commit waits for at least."""
    took = []
    with tempfile.TemporaryFile(dir=directory) as file:
        for _ in range(200):
            os.write(file.fileno(), bytes(8192))
            begun = time.perf_counter()
            os.fdatasync(file.fileno())
            took.append(time.perf_counter() - begun)
    return 1000 * statistics.median(took)


def said_by(*command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else "?"


def processor():
    for line in pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return "?"


def gather(cluster, root, overrides):
    names = ("fsync", "synchronous_commit", "autovacuum", "shared_buffers", "max_wal_size")
    return {
        "cores": len(os.sched_getaffinity(0)),
        "processor": processor(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "load_average_before": os.getloadavg()[0],
        "postgres": cluster.sql("SHOW server_version", database="postgres"),
        "settings": {name: cluster.sql(f"SHOW {name}", database="postgres") for name in names},
        "file_system": said_by("df", "--output=fstype", str(cluster.home)).split()[-1],
        "fdatasync_ms": fdatasync_ms("/var/tmp"),
        "commit": said_by("git", "-C", str(root), "describe", "--always", "--dirty"),
        "overrides": overrides,
    }


def lines(facts, row_bytes, batch, connections):
    settings = ", ".join(f"{name}={value}" for name, value in facts["settings"].items())
    said = [
        f"{facts['cores']} cores ({facts['processor']}), {facts['memory_gib']} GiB; "
        f"PostgreSQL {facts['postgres']}: {settings}; "
        f"{facts['file_system']}, fdatasync {facts['fdatasync_ms']:.2f} ms; commit {facts['commit']}",
        f"rows of {row_bytes} bytes, batch {batch}, {connections} connections on each side unless told; "
        "daemons' defaults and LEASE_MAX=500"
        + "".join(
            f", {who + '.' if who else ''}{name}={value}"
            for who, them in facts["overrides"].items()
            for name, value in them.items()
        ),
    ]
    if facts["load_average_before"] > 0.5:
        said.append(
            f"NOTE: the machine was not idle before it began (load average {facts['load_average_before']:.2f}): "
            "the figures are noise"
        )
    return said
