"""docker-compose.yaml, as the model that the specification's own loader makes of it. Each rule raises
AssertionError."""

import functools
import re
import subprocess
import sys

from dockerfile import ROOT, SERVICES

sys.path.insert(0, str(ROOT / "tests/support"))
from memory_budget import memory_budget, size
from rejected_settings import rejection

PORTS = {
    "postgres": "5432",
    "apigw": "8080",
    "streamer": "8082",
    "collector": "8083",
    "mqwriter": "8084",
    "mqreader": "8085",
}
STARTS_AFTER = {
    "migrate": {"postgres": "service_healthy"},
    "roles": {"migrate": "service_completed_successfully"},
    "mqwriter": {"roles": "service_completed_successfully"},
    "mqreader": {"roles": "service_completed_successfully"},
    "apigw": {"roles": "service_completed_successfully"},
    "streamer": {"mqwriter": "service_healthy", "csv": "service_completed_successfully"},
    "collector": {"mqreader": "service_healthy"},
}
# Fixed inside a container, its own in each, or different from service to service.
NOT_HANDED_ON = {"PORT", "LISTEN_ADDRESS", "HTTP_MAX_BODY", "COLLECTOR_ID", "READER_ADVERTISE_URL"}
DURATION = {"ms": 0.001, "s": 1, "m": 60}


@functools.cache
def options(service):
    """{name: default text or None}, as the daemon itself says."""
    out = subprocess.run([ROOT / "bin" / service, "--help"], capture_output=True, text=True, check=True).stdout
    return {
        name: (re.search(r"default (\S+)\)", rest) or [None, None])[1]
        for name, rest in re.findall(r"^  ([A-Z]\w+)(.*)$", out, re.M)
    }


def seconds(text):
    number, unit = re.fullmatch(r"([\d.]+)(ms|s|m)", text).groups()
    return float(number) * DURATION[unit]


def host_ports(service):
    return [str(entry["published"]) for entry in service.get("ports") or []]


def has_the_services(model):
    wanted = {*SERVICES, "postgres", "migrate", "roles", "csv"}
    assert set(model["services"]) == wanted, f"services: {sorted(model['services'])}"
    assert "pgdata" in model["volumes"], "no volume pgdata"
    assert model["services"]["postgres"]["image"] == "postgres:16-alpine", model["services"]["postgres"]["image"]


def starts_in_order(model):
    for name, wanted in STARTS_AFTER.items():
        found = {other: how["condition"] for other, how in model["services"][name]["depends_on"].items()}
        assert found == wanted, f"{name} depends on {found}"
    # A file that cannot be copied ends `up`: by then everything but the streamer must have been started.
    assert {"mqwriter", "apigw", "collector"} == set(model["services"]["csv"]["depends_on"]), "csv does not come last"
    for name in (*SERVICES, "postgres", "migrate", "roles"):
        assert name == "streamer" or not {"streamer", "csv"} & set(model["services"][name].get("depends_on", {})), (
            f"{name} needs the streamer"
        )


def publishes(model, ports=PORTS):
    for name, service in model["services"].items():
        wanted = [ports[name]] if name in ports else []
        assert host_ports(service) == wanted, f"{name} publishes {host_ports(service)}, not {wanted}"
        for entry in service.get("ports") or []:
            assert str(entry["target"]) == PORTS[name], f"{name}: {entry}"
            assert entry.get("host_ip") == "127.0.0.1", (
                f"{name} is published on {entry.get('host_ip') or 'every address'}"
            )


def is_confined(model):
    for name, service in model["services"].items():
        for key, wanted in (("read_only", True), ("cap_drop", ["ALL"]), ("security_opt", ["no-new-privileges:true"])):
            assert service.get(key) == wanted, f"{name}: {key} is {service.get(key)}"
        assert "mem_limit" in service, f"{name} has no memory limit"
        assert service.get("restart"), f"{name} has no restart policy"
        assert service["logging"]["options"]["max-size"], f"{name} may log without end"
        if name in SERVICES:
            assert "user" not in service and "cap_add" not in service, f"{name} is more than its image says"


def stops_in_time(model):
    for name in SERVICES:
        stop, grace = seconds(model["services"][name]["stop_grace_period"]), seconds(options(name)["SHUTDOWN_GRACE"])
        assert stop > grace + 5, f"{name}: stop_grace_period {stop} s, SHUTDOWN_GRACE {grace} s"


def works_on_a_copy(model):
    mounts = model["services"]["csv"]["volumes"]
    bound = [mount for mount in mounts if mount["type"] == "bind"]
    assert len(bound) == 1 and bound[0].get("read_only"), f"the file is not mounted read-only: {bound}"
    assert bound[0]["source"].endswith("samples/telemetry.csv"), bound[0]["source"]
    assert not bound[0]["bind"].get("create_host_path"), "a missing file would become a directory on the host"
    assert all(mount["type"] == "volume" for mount in model["services"]["streamer"]["volumes"]), (
        "the streamer sees the host"
    )


def memory_fits(model):
    """What a daemon may hold, as it says itself, is below what its container may."""
    for name in SERVICES:
        service = model["services"][name]
        settings = {key: str(value) for key, value in service["environment"].items() if value is not None}
        held, limit = memory_budget(ROOT / "bin" / name, settings), size(service["mem_limit"])
        assert held <= limit, f"{name} may hold {held >> 20} MiB of {limit >> 20}"


def has_a_role_each(model):
    """No daemon is the owner, who migrates; and its password is the one that the role is given."""
    given = model["services"]["roles"]["environment"]
    for name in SERVICES:
        if name == "streamer":
            continue
        user, password = re.match(
            r"postgres://([^:]*):([^@]*)@postgres:5432/prompted\?",
            model["services"][name]["environment"]["DATABASE_URL"],
        ).groups()
        assert user == f"prompted_{name}", f"{name} uses the role {user}"
        assert password and password == given[f"{name.upper()}_DB_PASSWORD"], f"{name}'s role has another password"


def arguments_hold_no_password(model):
    """Any user of the machine can read a process's arguments."""
    for name, service in model["services"].items():
        for word in [
            *(service.get("command") or []),
            *(service.get("entrypoint") or []),
            *service.get("healthcheck", {}).get("test", []),
        ]:
            assert not re.search(r"://[^/@\s]*:[^/@\s]*@|password=", word), f"{name}: a password among the arguments"


def example_settings(path=ROOT / ".env.example"):
    return dict(re.findall(r"^([A-Z]\w*)=(.*)$", path.read_text(), re.M))


def variables_are_options(model):
    """Every variable is an option of its daemon, every option is there, values are accepted. The number of
    variables."""
    example, count = example_settings(), 0
    for name in SERVICES:
        given, known = model["services"][name]["environment"], set(options(name))
        assert set(given) <= known, f"{name} knows no {sorted(set(given) - known)}"
        missing = known - set(given) - NOT_HANDED_ON
        assert not missing, f"{name} is not given {sorted(missing)}"
        fixed = {key: value for key, value in given.items() if value is not None}
        handed_on = {key: example[key] for key, value in given.items() if value is None and key in example}
        said = rejection(ROOT / "bin" / name, {**handed_on, **fixed})
        assert not said, f"{name}: {said}"
        count += len(given)
    return count


RULES = (
    has_the_services,
    starts_in_order,
    publishes,
    is_confined,
    stops_in_time,
    works_on_a_copy,
    memory_fits,
    has_a_role_each,
    arguments_hold_no_password,
    variables_are_options,
)
