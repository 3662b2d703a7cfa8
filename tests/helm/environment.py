"""Every variable that the charts and docker-compose.yaml set is an option that its daemon knows, with a value it
accepts. The daemon says so itself: `--healthcheck` reads all settings first, and exits 2 with the variable's name on a
bad one."""

import functools
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml
from helm import ROOT
from rules import SERVICES, daemons

sys.path.insert(0, str(ROOT / "tests/support"))
from memory_budget import memory_budget, size
from rejected_settings import rejection

# Not settings of a daemon: read by its C library, or left over from the earlier system's values.
FOREIGN = re.compile(r"GO[A-Z]+|PG[A-Z]+|MALLOC_.*|TZ|LANG|LC_.*")
DSN = "postgres://user:password@localhost:1/database"


@functools.cache
def known(service):
    out = subprocess.run([ROOT / "bin" / service, "--help"], capture_output=True, text=True, check=True).stdout
    return set(re.findall(r"^  ([A-Z][A-Z0-9_]*)\b", out, re.M))


def check(service, variables, where):
    for name in variables:
        assert name in known(service) or FOREIGN.fullmatch(name), f"{where}: {service} knows no {name}"
    said = rejection(ROOT / "bin" / service, variables)
    assert not said, f"{where}: {said}"


def check_rendering(items, where):
    """The number of variables looked at."""
    count = 0
    for service, _, container in daemons(items):
        variables = {entry["name"]: entry.get("value", DSN) for entry in container.get("env", [])}
        check(service, variables, where)
        check_memory(service, variables, container["resources"]["limits"]["memory"], where)
        count += len(variables)
    return count


@functools.cache
def budget(service, settings):
    return memory_budget(ROOT / "bin" / service, dict(settings))


def check_memory(service, variables, limit, where):
    """What the daemon may hold, as it says itself, is below its container's limit."""
    of_memory = {
        name: value
        for name, value in variables.items()
        if name in known(service) and not re.search("URL|ADDRESS|PORT|PATH", name)
    }
    held = budget(service, tuple(sorted(of_memory.items())))
    assert held <= size(limit), f"{where}: {service} may hold {held >> 20} MiB of {limit}"


def interpolate(text):
    """Compose's ${NAME:-default} and ${NAME}, with nothing in the environment; $$ is a dollar."""
    text, before = str(text), None
    while text != before:  # from the inside: ${A:-${B:-c}}
        before, text = (
            text,
            re.sub(r"(?<!\$)\$\{[A-Za-z_]\w*(?::?[-+?]([^{}]*))?\}", lambda found: found.group(1) or "", text),
        )
    return text.replace("$$", "$")


def check_compose(path=ROOT / "docker-compose.yaml"):
    """The number of variables looked at; 0 without the file."""
    count = 0
    if not path.exists():
        return 0
    for service, spec in yaml.safe_load(path.read_text())["services"].items():
        given = spec.get("environment") or {}
        if service not in SERVICES:
            continue
        if isinstance(given, list):
            given = dict(entry.partition("=")[::2] for entry in given)
        variables = {name: interpolate(value) for name, value in given.items() if value is not None}
        check(service, variables, path.name)
        count += len(variables)
    return count


def check_itself():
    """Checks that a planted fault is found."""
    compose = "services: {mqwriter: {environment: [\"MQ_FLUSH_INTERVAL=${A:-${B:-%s}}\"]}}"
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "docker-compose.yaml"
        path.write_text(compose % "5ms")
        assert check_compose(path) == 1
        path.write_text(compose % "5")
        planted = [
            (check_compose, (path,), 'MQ_FLUSH_INTERVAL: invalid value "5": expected a duration'),
            (check, ("mqwriter", {"MQ_BUFER_SIZE": "1"}, "planted"), "knows no MQ_BUFER_SIZE"),
            (check, ("mqwriter", {"MQ_BUFFER_SIZE": "0"}, "planted"), 'MQ_BUFFER_SIZE: invalid value "0"'),
        ]
        for function, arguments, reason in planted:
            try:
                function(*arguments)
            except AssertionError as error:
                assert reason in str(error), error
            else:
                raise AssertionError(f"{reason}: was not found")
