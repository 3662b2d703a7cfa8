"""Runs helm and parses its renderings."""

import functools
import subprocess
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
CHARTS = ROOT / "build/helm/charts"  # deploy/helm, with files and dependencies (deploy/host/helm-package.sh)


def run(*arguments):
    """(exit code, stdout, stderr)"""
    done = subprocess.run(["helm", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr.rstrip("\n")


@functools.cache
def render(chart, arguments, kubernetes):
    """The text of `helm template`, as release `prompted` in namespace `telemetry`; raises with helm's message."""
    path = chart if "/" in chart else str(CHARTS / chart)
    code, out, said = run("template", "prompted", path, "-n", "telemetry", "--kube-version", kubernetes, *arguments)
    if code != 0 or said:  # a warning, too, is for the user to see
        raise AssertionError(said)
    return out


def manifests(text):
    return [item for item in yaml.safe_load_all(text) if item]


def pod_spec(item):
    """The pod that a manifest makes, or None."""
    if item["kind"] == "Pod":
        return item["spec"]
    return (
        item["spec"].get("template", {}).get("spec") if item["kind"] in ("Deployment", "StatefulSet", "Job") else None
    )


def pod_labels(item):
    return item["metadata"]["labels"] if item["kind"] == "Pod" else item["spec"]["template"]["metadata"]["labels"]


def named(items, kind, name):
    found = [item for item in items if item["kind"] == kind and item["metadata"]["name"] == name]
    assert len(found) == 1, f"{len(found)} of {kind} {name}"
    return found[0]


def of_kind(items, kind):
    return [item for item in items if item["kind"] == kind]
