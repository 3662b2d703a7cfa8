#!/usr/bin/env python3
"""Arrows that never exist (docs/architecture.md), judged by what each object file really included, however indirectly.

include_check.py SOURCE_DIR BUILD_DIR   reads `ninja -t deps`: the build must be complete.
"""

import os
import re
import subprocess
import sys

BEAST, PQXX, SPDLOG, CLI11 = "/boost/beast/", "/pqxx/", "/spdlog/", "/CLI/"
LIBS = ("base", "models", "config", "postgres", "http", "service")
# What a library's objects may include of the other libraries.
LIB_ARROWS = {
    "base": (),
    "models": ("base",),
    "config": ("base",),
    "postgres": ("base",),
    "http": ("base",),
    "service": ("base", "config", "http"),
}
# An app's folders are its rooms. What a room's objects may include of the app: of another room all ("lease/") or one
# header ("lease/writes.hpp"), and of the app itself the headers named. apps/mqreader/topic.hpp says why.
ROOM_ARROWS = {
    "mqreader": {
        "poll": ("message.hpp",),
        "ownership": (),
        "lease": ("message.hpp", "bound_statement.hpp", "poll/incarnation.hpp", "ownership/ownership_lease.hpp"),
        "dead_letters": (
            "message.hpp",
            "bound_statement.hpp",
            "operations.hpp",
            "poll/incarnation.hpp",
            "ownership/ownership_lease.hpp",
            "lease/writes.hpp",
        ),
    }
}
# Headers that exactly one object file may reach.
ONE_FILE = {SPDLOG: "spdlog", CLI11: "CLI11"}


def read_deps(build_dir):
    """{object: [absolute path of each dependency]}"""
    out = subprocess.run(["ninja", "-C", build_dir, "-t", "deps"], check=True, capture_output=True, text=True).stdout
    deps, current = {}, None
    for line in out.splitlines():
        if line.startswith("    "):
            current.append(os.path.normpath(os.path.join(build_dir, line.strip())))
        elif ": #deps" in line:
            current = deps.setdefault(line.split(":")[0], [])
    return deps


def is_store(name):
    """store.cpp, or one of its siblings (dead_letter_store.cpp), in the app or in one of its rooms."""
    name = name.rsplit("/", 1)[-1]
    return name == "store.cpp" or name.endswith("_store.cpp")


def room_of(name):
    """ "poll" of "poll/poller.cpp"; "" of the app's own files."""
    return name.rsplit("/", 1)[0] if "/" in name else ""


def room_arrows_broken(owner, name, headers):
    """`headers`: of the app `owner`, relative to it."""
    room = room_of(name)
    if not room:
        return []
    arrows = ROOM_ARROWS.get(owner, {}).get(room)
    if arrows is None:
        return [f"{room}/ is no room that include_check.py knows"]
    others = [h for h in headers if not h.startswith(room + "/")]
    return [f"{room}/ may not include {h}" for h in others if h not in arrows and room_of(h) + "/" not in arrows]


def rules_broken_by(source, headers):
    """Texts of the rules that `source` (apps/… or libs/…, relative) breaks by reaching `headers`."""
    kind, owner, name = source.split("/", 2)

    def own(prefix):
        return sorted(h for h in headers if h.startswith(prefix))

    def reaches(mark):
        return any(mark in h for h in headers if h.startswith("/"))

    broken = []
    if kind == "libs":
        if own("apps/"):
            broken.append(f"a library includes an app: {own('apps/')[0]}")
        for lib in LIBS:
            if lib != owner and lib not in LIB_ARROWS.get(owner, LIBS) and own(f"libs/{lib}/"):
                broken.append(f"libs/{owner} may not include libs/{lib}: {own(f'libs/{lib}/')[0]}")
    else:
        others = [h for h in own("apps/") if not h.startswith(f"apps/{owner}/")]
        if others:
            broken.append(f"an app includes another app: {others[0]}")
        inside = [h.removeprefix(f"apps/{owner}/") for h in own(f"apps/{owner}/")]
        for sql in (h for h in inside if h.rsplit("/", 1)[-1] == "sql.hpp"):
            if not is_store(name):
                broken.append("only store.cpp includes sql.hpp")
            elif room_of(sql) != room_of(name):
                broken.append(f"{sql} belongs to the store beside it")
        broken += room_arrows_broken(owner, name, [h for h in inside if h.endswith(".hpp")])
        if is_store(name) and own("libs/http/"):
            broken.append(f"a store includes HTTP: {own('libs/http/')[0]}")
    if reaches(BEAST) and not source.startswith("libs/http/"):
        broken.append("Beast is reachable: it stays behind libs/http")
    if reaches(PQXX) and not (source.startswith("libs/postgres/") or (kind == "apps" and is_store(name))):
        broken.append("pqxx is reachable: it stays in store.cpp and libs/postgres")
    return broken


def judge(source_dir, deps):
    """A list of texts, empty when all is well."""
    source_dir = os.path.realpath(source_dir)
    found, seen, reaching = [], set(), {mark: [] for mark in ONE_FILE}
    for paths in deps.values():
        real = [os.path.realpath(p) for p in paths]
        inside = [os.path.relpath(p, source_dir) for p in real if p.startswith(source_dir + os.sep)]
        source = next((p for p in inside if p.endswith(".cpp")), None)
        if source is None or not source.startswith(("apps/", "libs/")):
            continue
        seen.add(source)
        headers = set(inside) | {p for p in real if not p.startswith(source_dir + os.sep)}
        found += [f"{source}: {text}" for text in rules_broken_by(source, headers)]
        for mark, sources in reaching.items():
            if any(mark in h for h in headers if h.startswith("/")):
                sources.append(source)
    for mark, sources in reaching.items():
        if len(sources) > 1:
            found.append(f"{ONE_FILE[mark]} belongs in one file, not in {', '.join(sorted(sources))}")
    for source in sorted(sources_of(source_dir) - seen):
        found.append(f"{source}: not built yet, so nothing can be said of it (build everything first)")
    return found


def sources_of(source_dir):
    found = set()
    for top in ("apps", "libs"):
        for directory, _, names in os.walk(os.path.join(source_dir, top)):
            found |= {os.path.relpath(os.path.join(directory, n), source_dir) for n in names if n.endswith(".cpp")}
    return found


def words_out_of_place(source_dir):
    """What needs no compiler: getenv outside config; mutexes anywhere."""
    found = []
    for top in ("apps", "libs"):
        for directory, _, names in os.walk(os.path.join(source_dir, top)):
            for name in names:
                path = os.path.join(directory, name)
                relative = os.path.relpath(path, source_dir)
                with open(path, encoding="utf-8") as file:
                    for number, line in enumerate(file, 1):
                        code = line.split("//")[0]
                        if re.search(r"\b(secure_)?getenv\s*\(", code) and not relative.startswith("libs/config/"):
                            found.append(f"{relative}:{number}: getenv belongs in libs/config")
                        if re.search(
                            r"\b(std|boost)::(\w*mutex|condition_variable\w*|\w*semaphore\w*|atomic_flag)\b", code
                        ):
                            found.append(f"{relative}:{number}: owners and channels, no locks")
    return found


def main():
    source_dir, build_dir = sys.argv[1:3]
    found = judge(source_dir, read_deps(build_dir)) + words_out_of_place(source_dir)
    print("\n".join(found) or "no forbidden arrow")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
