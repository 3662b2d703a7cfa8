"""Rules for the Dockerfile beyond the linter's. Each takes the text and raises AssertionError with a reason."""

import json
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SERVICES = ("apigw", "mqwriter", "mqreader", "streamer", "collector")
BASES = {"debian:bookworm-slim", "node:22-bookworm-slim"}
# In packages.txt for host mode only: the image is built without .git, and asks the web-assets stage instead of npm; its
# engine rotates logs.
HOST_ONLY = {"git", "curl", "postgresql", "apache2-utils", "npm"}


def instructions(text):
    """[(name, rest)], continuation lines joined, comments left out."""
    joined = re.sub(r"\\\n", " ", re.sub(r"^[ \t]*#.*\n", "", text, flags=re.M))
    return [
        (line.split(None, 1)[0].upper(), line.split(None, 1)[1].strip()) for line in joined.splitlines() if line.strip()
    ]


def stages(text):
    """[[instruction]], one list a stage."""
    found = []
    for name, rest in instructions(text):
        if name == "FROM":
            found.append([])
        found[-1].append((name, rest))
    return found


def last(text):
    return dict(stages(text)[-1])


def installed(stage):
    """The packages of a stage's apt-get install."""
    for name, rest in stage:
        if name == "RUN" and "apt-get install" in rest:
            words = rest.split("apt-get install", 1)[1].split("&&", 1)[0].split()
            return {word for word in words if not word.startswith("-")}
    return set()


def nothing_else_is_pulled(text):
    assert not re.match(r"#\s*syntax\s*=", text), "a # syntax= line has to be pulled"
    names = {rest.split(" AS ")[1] for name, rest in instructions(text) if name == "FROM" and " AS " in rest}
    for name, rest in instructions(text):
        if name == "FROM":
            base = rest.split(" AS ")[0]
            assert base in BASES | names, f"FROM {base}"
        assert name != "ADD", "ADD may fetch: use COPY"


def runs_as_numeric_user(text):
    user = last(text).get("USER", "")
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", user), f"USER {user!r} is not a numeric user other than root"


def starts_without_shell(text):
    final = last(text)
    path = json.loads(final["ENTRYPOINT"])[0]
    command = re.fullmatch(r"(?:--\S+ )+CMD (\[.*\])", final["HEALTHCHECK"])
    assert command, "HEALTHCHECK is not in exec form"
    assert json.loads(command.group(1)) == [path, "--healthcheck"], f"HEALTHCHECK {command.group(1)}"
    assert final["STOPSIGNAL"] == "SIGTERM", f"STOPSIGNAL {final['STOPSIGNAL']}"
    copied = [rest for name, rest in stages(text)[-1] if name == "COPY"]
    assert len(copied) == 1 and copied[0].endswith(f" {path}"), f"the last stage copies {copied}"


def listens_beyond_loopback(text):
    settings = [rest for name, rest in stages(text)[-1] if name == "ENV"]
    assert "LISTEN_ADDRESS=::" in settings, "the daemon would listen on loopback only"


def is_labelled(text):
    for name in ("title", "description", "version"):
        assert f"org.opencontainers.image.{name}=" in last(text).get("LABEL", ""), f"no label {name}"


def installs_quietly_and_caches(text):
    for name, rest in instructions(text):
        if name == "RUN" and "apt-get" in rest:
            assert "--no-install-recommends" in rest and " -y " in rest, (
                "apt-get install without -y --no-install-recommends"
            )
            for path in ("/var/cache/apt", "/var/lib/apt"):
                assert f"target={path},sharing=locked" in rest, f"{path} is no cache mount"
        if name == "RUN" and "cmake --build" in rest:
            assert "--mount=type=cache,target=/ccache" in rest, "ccache has no cache mount"


def builds_with_packages_txt(text, path=ROOT / "deploy/host/packages.txt"):
    lines = [re.split(r"[|?]", line.lstrip("~"))[0] for line in re.sub(r"#.*", "", path.read_text()).split()]
    wanted = set(lines) - HOST_ONLY
    builder = next(stage for stage in stages(text) if stage[0][1].endswith(" AS builder"))
    assert installed(builder) == wanted, f"builder and packages.txt differ in {sorted(installed(builder) ^ wanted)}"


def loads_what_is_installed(text):
    """The runtime packages are those of the libraries that the daemons name; what these need, apt knows."""
    needed = set()
    for service in SERVICES:
        out = subprocess.run(
            ["readelf", "-d", ROOT / "bin" / service], capture_output=True, text=True, check=True
        ).stdout
        needed |= set(re.findall(r"NEEDED.*\[(.+)\]", out))
    packages = set()
    for library in needed:
        out = subprocess.run(["dpkg", "-S", f"*/{library}"], capture_output=True, text=True, check=True).stdout
        packages |= {
            line.split(":")[0]
            for line in out.splitlines()
            if "/lib/x86" in line or "/lib/aarch" in line or "/lib64" in line
        }
    packages -= {"libc6", "libgcc-s1", "libstdc++6", "libm6"}  # in every Debian image, or needed by the others
    runtime = next(stage for stage in stages(text) if stage[0][1].endswith(" AS runtime"))
    assert installed(runtime) == packages, (
        f"runtime packages and what bin/ loads differ in {sorted(installed(runtime) ^ packages)}"
    )


def context_is_small(text, path=ROOT / ".dockerignore"):
    """The build context excludes everything that is not copied."""
    lines = [line for line in path.read_text().split("\n") if line and not line.startswith("#")]
    assert lines[0] == "*", ".dockerignore does not begin with *"
    given = {line.lstrip("!") for line in lines[1:]}
    copied = set()
    for name, rest in instructions(text):
        if name == "COPY" and "--from" not in rest:
            copied |= {source.split("/")[0] for source in rest.split()[:-1]}
    assert given == copied, f".dockerignore and COPY differ in {sorted(given ^ copied)}"


RULES = (
    nothing_else_is_pulled,
    runs_as_numeric_user,
    starts_without_shell,
    listens_beyond_loopback,
    is_labelled,
    installs_quietly_and_caches,
    builds_with_packages_txt,
    loads_what_is_installed,
    context_is_small,
)
