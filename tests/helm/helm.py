"""Running helm, and what it rendered."""
import functools
import subprocess
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
CHARTS = ROOT / "deploy/helm"


def run(*arguments):
    """(exit code, stdout, stderr without helm's remarks on symbolic links)"""
    done = subprocess.run(["helm", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    said = [line for line in done.stderr.splitlines() if "found symbolic link in path" not in line]
    return done.returncode, done.stdout, "\n".join(said)


@functools.cache
def render(chart, arguments, kubernetes):
    """The text of `helm template`, as release `prompted` in namespace `telemetry`; raises with helm's message."""
    path = chart if "/" in chart else str(CHARTS / chart)
    code, out, said = run("template", "prompted", path, "-n", "telemetry", "--kube-version", kubernetes, *arguments)
    if code != 0:
        raise AssertionError(said)
    return out


def manifests(text):
    return [item for item in yaml.safe_load_all(text) if item]


def pod_spec(item):
    """The pod that a manifest makes, or None."""
    if item["kind"] == "Pod":
        return item["spec"]
    return item["spec"].get("template", {}).get("spec") if item["kind"] in ("Deployment", "StatefulSet", "Job") else None


def pod_labels(item):
    return item["metadata"]["labels"] if item["kind"] == "Pod" else item["spec"]["template"]["metadata"]["labels"]


def named(items, kind, name):
    found = [item for item in items if item["kind"] == kind and item["metadata"]["name"] == name]
    assert len(found) == 1, f"{len(found)} of {kind} {name}"
    return found[0]


def of_kind(items, kind):
    return [item for item in items if item["kind"] == kind]
