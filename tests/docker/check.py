"""make docker-check (deploy/host/docker-check.sh): checks Dockerfile and docker-compose.yaml without an engine."""

import copy
import json
import os
import subprocess
import sys

import compose
import dockerfile
from dockerfile import ROOT

BASE, SCALE = "docker-compose.yaml", "docker-compose.scale.yaml"
failures = []


def attempt(what, function, *arguments):
    try:
        result = function(*arguments)
    except Exception as error:
        failures.append(what)
        print(f"FAILED {what}: {error if isinstance(error, AssertionError) else repr(error)}")
        return None
    print(f"  ok    {what}" + (f": {result}" if result else ""))
    return result


def load(*files, interpolate=True):
    """The model of these files, with nothing in the environment. COMPOSE_LOADER is the specification's own loader."""
    arguments = ["-format", "json", *([] if interpolate else ["-no-interpolation"]), *files]
    done = subprocess.run(
        [os.environ["COMPOSE_LOADER"], *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": os.environ["PATH"], "HOME": "/", "COMPOSE_DISABLE_ENV_FILE": "1"},
    )
    assert done.returncode == 0, done.stderr.strip()
    return json.loads(done.stdout)


def ports_and_file_can_be_chosen():
    services = load(BASE, interpolate=False)["services"]
    for name, port in compose.PORTS.items():
        address = "${POSTGRES_ADDRESS:-127.0.0.1}:" if name == "postgres" else "${BIND_ADDRESS:-127.0.0.1}:"
        wanted = f"{address}${{{name.upper()}_PORT:-{port}}}:{port}"
        assert services[name]["ports"] == [wanted], f"{name}: {services[name]['ports']}"
    assert "${STREAMER_CSV_PATH:-samples/telemetry.csv}" in services["csv"]["volumes"][0]["source"], services["csv"][
        "volumes"
    ]


def scale_file_unpublishes():
    compose.publishes(load(BASE, SCALE), {"apigw": "8080", "postgres": "5432"})


def must_fail(function, argument, reason):
    try:
        function(argument)
    except AssertionError as error:
        assert reason in str(error), f"{reason!r} was expected, not {error}"
    else:
        raise AssertionError(f"{reason}: was not found")


def planted_in_dockerfile(text):
    """Faults put into the Dockerfile must be found."""
    faults = (
        (dockerfile.nothing_else_is_pulled, "# One file", "# syntax=docker/dockerfile:1\n# One file", "syntax"),
        (
            dockerfile.nothing_else_is_pulled,
            "FROM debian:bookworm-slim AS builder",
            "FROM gcc:12 AS builder",
            "FROM gcc:12",
        ),
        (dockerfile.runs_as_numeric_user, "USER 65532:65532", "USER nobody", "USER"),
        (
            dockerfile.starts_without_shell,
            'CMD ["/usr/local/bin/prompted", "--healthcheck"]',
            "CMD curl -f localhost",
            "exec form",
        ),
        (dockerfile.listens_beyond_loopback, "ENV LISTEN_ADDRESS=::", "", "loopback"),
        (dockerfile.is_labelled, "image.version", "image.edition", "version"),
        (dockerfile.installs_quietly_and_caches, "--mount=type=cache,target=/ccache", "", "ccache"),
        (dockerfile.builds_with_packages_txt, "libcsv-dev", "libcsv-dev nano", "nano"),
        (dockerfile.loads_what_is_installed, "libcsv3", "", "libcsv3"),
        (dockerfile.context_is_small, "COPY apps apps", "COPY apps apps\nCOPY .git .git", ".git"),
    )
    for rule, old, new, reason in faults:
        assert old in text, f"no {old!r} to plant a fault in"
        must_fail(rule, text.replace(old, new, 1), reason)
    return f"{len(faults)} found"


def planted_in_compose(model):
    """Faults put into the model must be found."""

    def without(service, key):
        return lambda services: services[service].pop(key)

    def setting(service, key, value):
        return lambda services: services[service]["environment"].__setitem__(key, value)

    faults = (
        (
            compose.starts_in_order,
            lambda services: services["apigw"]["depends_on"].update(streamer={"condition": "service_started"}),
            "apigw",
        ),
        (compose.publishes, without("mqreader", "ports"), "mqreader"),
        (
            compose.publishes,
            lambda services: services["apigw"]["ports"][0].pop("host_ip"),
            "apigw is published on every address",
        ),
        (compose.is_confined, without("collector", "cap_drop"), "collector: cap_drop"),
        (compose.is_confined, without("streamer", "mem_limit"), "streamer"),
        (compose.stops_in_time, lambda services: services["mqwriter"].update(stop_grace_period="10s"), "mqwriter"),
        (compose.works_on_a_copy, lambda services: services["csv"]["volumes"][0].pop("read_only"), "read-only"),
        (compose.memory_fits, setting("mqwriter", "HTTP_BODY_BUDGET", "512MiB"), "mqwriter may hold"),
        (
            compose.has_a_role_each,
            setting("apigw", "DATABASE_URL", "postgres://prompted:prompted@postgres:5432/prompted?sslmode=disable"),
            "apigw uses",
        ),
        (compose.has_a_role_each, setting("roles", "COLLECTOR_DB_PASSWORD", "other"), "collector's role"),
        (
            compose.arguments_hold_no_password,
            lambda services: services["migrate"]["command"].__setitem__(
                3, "postgres://prompted:prompted@postgres/prompted"
            ),
            "migrate",
        ),
        (compose.variables_are_options, setting("mqwriter", "MQ_BUFER_SIZE", "1"), "MQ_BUFER_SIZE"),
        (
            compose.variables_are_options,
            setting("mqreader", "READER_LEASE_TTL", "5"),
            'READER_LEASE_TTL: invalid value "5"',
        ),
        (
            compose.variables_are_options,
            lambda services: services["apigw"]["environment"].pop("DB_POOL_SIZE"),
            "DB_POOL_SIZE",
        ),
    )
    for rule, plant, reason in faults:
        broken = copy.deepcopy(model)
        plant(broken["services"])
        must_fail(rule, broken, reason)
    return f"{len(faults)} found"


def main():
    text = (ROOT / "Dockerfile").read_text()
    for rule in dockerfile.RULES:
        attempt(f"Dockerfile {rule.__name__}", rule, text)
    attempt("Dockerfile, planted faults", planted_in_dockerfile, text)
    model = attempt_load()
    if model:
        for rule in compose.RULES:
            attempt(f"{BASE} {rule.__name__}", rule, model)
        attempt(f"{BASE}, planted faults", planted_in_compose, model)
    for check in (ports_and_file_can_be_chosen, scale_file_unpublishes):
        attempt(check.__name__, check)
    print(f"docker-check: {'ok' if not failures else f'{len(failures)} FAILED'}")
    return 1 if failures else 0


def attempt_load():
    try:
        model = load(BASE)
    except AssertionError as error:
        failures.append(BASE)
        print(f"FAILED {BASE}: {error}")
        return None
    return model


if __name__ == "__main__":
    sys.exit(main())
